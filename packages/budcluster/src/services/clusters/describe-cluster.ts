/** A cluster as people see it: structurally the contract's Cluster. */
import type { Stage } from '@bud/kernel'
import { type GpuTotal, gpuTotals, type NodeView } from '../../domain/capacity.ts'
import type { ClusterKind, ClusterRecord } from '../../domain/records.ts'
import type { Context } from '../context.ts'
import { observeCluster, viewCluster } from './observe-cluster.ts'

export interface ClusterDescription {
  id: string
  name: string
  kind: ClusterKind
  stage: Stage
  needs_artifacts: boolean
  state: 'ready' | 'unreachable'
  state_reason: string | null
  nodes: NodeView[]
  gpus: GpuTotal[]
}

export async function describeCluster(context: Context, cluster: ClusterRecord): Promise<ClusterDescription> {
  const observation = await observeCluster(context, cluster)
  const view = await viewCluster(context, context.database.query, cluster, observation)
  return {
    id: cluster.id,
    name: cluster.name,
    kind: cluster.spec.kind,
    stage: cluster.stage,
    needs_artifacts: view.needs_artifacts,
    state: view.unreachable_reason === null ? 'ready' : 'unreachable',
    state_reason: view.unreachable_reason,
    nodes: view.nodes,
    gpus: gpuTotals(view.nodes),
  }
}
