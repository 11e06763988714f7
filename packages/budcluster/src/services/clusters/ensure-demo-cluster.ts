/** The cluster that a new project starts with, so that the whole workflow can be walked without any hardware. */
import { createId } from '@bud/kernel'
import { and, eq } from '@bud/platform/drizzle'
import { planNodes } from '../../domain/plan-nodes.ts'
import { type Context, isoNow } from '../context.ts'
import { clusters } from '../tables.ts'
import { insertCluster } from './create-cluster.ts'

const DEMO = {
  name: 'demo',
  stage: 'staging',
  nodes: [
    { count: 2, gpu_type: 'H100-SXM-80GB', gpu_count: 8 },
    { count: 2, gpu_type: 'A100-SXM-80GB', gpu_count: 4 },
    { count: 1, gpu_type: 'L40S-48GB', gpu_count: 8 },
  ],
  startup_time_factor: 0.02,
} as const

/** Idempotent; a demo cluster that somebody deleted stays deleted. */
export async function ensureDemoCluster(context: Context, projectId: string): Promise<void> {
  const known = await context.database.query
    .select({ id: clusters.id })
    .from(clusters)
    .where(and(eq(clusters.project_id, projectId), eq(clusters.name, DEMO.name)))
    .limit(1)
  if (known.length > 0) return
  await insertCluster(context, {
    id: createId('cluster', context.clock.nowMs()),
    project_id: projectId,
    name: DEMO.name,
    stage: DEMO.stage,
    spec: {
      kind: 'simulated',
      nodes: planNodes(DEMO.nodes, context.gpus),
      startup_time_factor: DEMO.startup_time_factor,
    },
    created_by: 'Bud AI Foundry',
    created_at: isoNow(context),
  })
}
