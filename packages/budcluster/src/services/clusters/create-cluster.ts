/** Adds a simulated cluster; other kinds bring their own verbs. */
import { conflict, createId, invalidInput, ResourceName, type Stage } from '@bud/kernel'
import { sql } from '@bud/platform/drizzle'
import { type NodeGroup, planNodes } from '../../domain/plan-nodes.ts'
import type { ClusterRecord } from '../../domain/records.ts'
import { type Caller, type Context, isoNow, nameOf } from '../context.ts'
import { requireCluster } from '../store/clusters.ts'
import { clusters } from '../tables.ts'
import { type ClusterDescription, describeCluster } from './describe-cluster.ts'

export interface CreateCluster {
  name: string
  kind: 'simulated'
  stage: Stage
  nodes: NodeGroup[]
  startup_time_factor: number
}

export async function createCluster(
  context: Context,
  caller: Caller,
  input: CreateCluster,
): Promise<ClusterDescription> {
  const name = ResourceName.safeParse(input.name)
  if (!name.success)
    throw invalidInput(
      `"${input.name}" is no cluster name: ${name.error.issues.map((issue) => issue.message).join('; ')}.`,
    )
  const id = await insertCluster(context, {
    id: createId('cluster', context.clock.nowMs()),
    project_id: caller.project_id,
    name: input.name,
    stage: input.stage,
    spec: {
      kind: 'simulated',
      nodes: planNodes(input.nodes, context.gpus),
      startup_time_factor: input.startup_time_factor,
    },
    created_by: nameOf(caller),
    created_at: isoNow(context),
  })
  if (id === undefined)
    throw conflict(`Cluster "${input.name}" exists already. Choose another name, or delete it first.`)
  return describeCluster(context, await requireCluster(context.database.query, caller.project_id, id))
}

/** Undefined when the name is taken. */
export async function insertCluster(context: Context, cluster: ClusterRecord): Promise<string | undefined> {
  const [row] = await context.database.query
    .insert(clusters)
    .values(cluster)
    .onConflictDoNothing({ target: [clusters.project_id, clusters.name], where: sql`deleted_at is null` })
    .returning({ id: clusters.id })
  if (row) context.events.publish({ project_id: cluster.project_id, type: 'cluster.changed', id: row.id })
  return row?.id
}
