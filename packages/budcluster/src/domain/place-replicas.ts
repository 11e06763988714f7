/** Where replicas would go, and when they cannot: the numbers, and who holds the GPUs. */
import { planPlacement } from '@bud/budsim'
import type { Deployment, Reason } from '@bud/kernel'
import { holdersOf, type NodeView } from './capacity.ts'
import type { NodeGpus } from './records.ts'

export interface PlacementQuestion {
  cluster_name: string
  nodes: readonly NodeView[]
  gpu_type: string
  deployment: Pick<Deployment, 'config' | 'resources'>
  replicas: number
}

export type ReplicaPlacement = { placed: NodeGpus[][]; reason: null } | { placed: null; reason: Reason }

/** One list of nodes per replica; all of them, or the reason why not all fit. */
export function placeReplicas({
  cluster_name,
  nodes,
  gpu_type,
  deployment,
  replicas,
}: PlacementQuestion): ReplicaPlacement {
  const plan = planPlacement({
    nodes: nodes
      .filter((node) => node.ready && node.gpu_type === gpu_type)
      .map((node) => ({ name: node.name, gpu_type, free: node.gpus_free })),
    gpus_per_replica: deployment.resources.gpu_count,
    tensor_parallel_size: deployment.config.tensor_parallel_size,
    data_parallel_size: deployment.config.data_parallel_size,
    replicas,
  })
  if (plan.reason) {
    const holders = holdersOf(nodes, gpu_type)
    const inUse = holders ? ` On cluster "${cluster_name}" the others are in use by ${holders}.` : ''
    return { placed: null, reason: { ...plan.reason, message: plan.reason.message + inUse } }
  }
  const placed: NodeGpus[][] = Array.from({ length: replicas }, () => [])
  for (const { replica, node, gpus } of plan.placed) placed[replica]?.push({ node, gpus })
  return { placed, reason: null }
}
