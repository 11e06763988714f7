/**
 * Where one replica goes: each pipeline stage's tensor-parallel group on one node, stages over as few nodes as hold
 * them, and among equals the emptiest node, so that replicas spread. The refusal speaks as Kubernetes' scheduler does.
 */

export interface NodeCapacity {
  name: string
  gpuType: string
  /** Indices of free GPUs, ascending. */
  freeGpus: readonly number[]
}

export interface ReplicaNeed {
  /** Catalogue ids that will do. */
  gpuTypes: readonly string[]
  tensorParallelSize: number
  pipelineParallelSize: number
}

export interface NodeShare {
  node: string
  gpus: number[]
}

export type Placement = { placed: true; parts: NodeShare[] } | { placed: false; message: string }

export function placeReplica(nodes: readonly NodeCapacity[], need: ReplicaNeed): Placement {
  const group = need.tensorParallelSize
  const matching = nodes.filter((node) => need.gpuTypes.includes(node.gpuType))
  const byRoom = matching
    .map((node) => ({ node, groups: Math.floor(node.freeGpus.length / group) }))
    .filter(({ groups }) => groups > 0)
    .sort((a, b) => b.node.freeGpus.length - a.node.freeGpus.length)
  const whole = byRoom.find(({ groups }) => groups >= need.pipelineParallelSize)
  const parts: NodeShare[] = []
  let missing = need.pipelineParallelSize
  for (const { node, groups } of whole ? [whole] : byRoom) {
    const take = Math.min(groups, missing)
    parts.push({ node: node.name, gpus: node.freeGpus.slice(0, take * group) })
    missing -= take
    if (missing === 0) return { placed: true, parts }
  }
  return { placed: false, message: refusal(nodes.length, matching.length) }
}

function refusal(nodes: number, matching: number): string {
  const reasons = []
  if (matching > 0) reasons.push(`${matching} Insufficient nvidia.com/gpu`)
  if (matching < nodes) reasons.push(`${nodes - matching} node(s) didn't match Pod's node affinity/selector`)
  return `0/${nodes} nodes are available: ${reasons.join(', ') || 'the cluster has no nodes'}.`
}
