import type { Stage } from '@bud/kernel'
import { eq } from '@bud/platform/drizzle'
import type { Caller, Context } from '../context.ts'
import { requireCluster } from '../store/clusters.ts'
import { clusters } from '../tables.ts'
import { type ClusterDescription, describeCluster } from './describe-cluster.ts'

export async function updateCluster(
  context: Context,
  caller: Caller,
  idOrName: string,
  change: { stage: Stage },
): Promise<ClusterDescription> {
  const { query } = context.database
  const cluster = await requireCluster(query, caller.project_id, idOrName)
  await query.update(clusters).set({ stage: change.stage }).where(eq(clusters.id, cluster.id))
  context.events.publish({ project_id: caller.project_id, type: 'cluster.changed', id: cluster.id })
  return describeCluster(context, { ...cluster, stage: change.stage })
}
