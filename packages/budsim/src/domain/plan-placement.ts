/**
 * Which nodes take which replicas, spread for resilience. A replica stays on one node; where it finds no such place and
 * the cluster may spread it, its pipeline stages go apart, then the data-parallel ranks. Tensor-parallel groups never do.
 */
import type { Reason } from '@bud/kernel'

export interface FreeNode {
  name: string
  gpu_type: string
  free: number
}

export interface PlacementRequest {
  /** Nodes of the wanted GPU type. */
  nodes: readonly FreeNode[]
  gpus_per_replica: number
  tensor_parallel_size: number
  /** Attention ranks per pipeline stage. Default: 1. */
  data_parallel_size?: number | undefined
  replicas: number
  /** Parts of one replica may sit on different nodes (engines that span pods). Default: false. */
  pipeline_across_nodes?: boolean | undefined
}

export interface Placement {
  /** One entry per group of GPUs on one node; a replica has several only when its pipeline spans nodes. */
  placed: { replica: number; node: string; gpus: number }[]
  /** Why not all replicas have a place; absent when they do. `placed` then holds those that do. */
  reason?: Reason
}

interface Slot {
  name: string
  free: number
  groups: number
}

/** Deterministic: fewest replicas already there, then the tightest fit, then the node's name. */
export function planPlacement(request: PlacementRequest): Placement {
  const { gpus_per_replica: perReplica, tensor_parallel_size: tensorParallel, replicas } = request
  const perStage = tensorParallel * (request.data_parallel_size ?? 1)
  const slots = request.nodes.map(({ name, free }) => ({ name, free, groups: 0 }))
  const placed: Placement['placed'] = []
  for (let replica = 0; replica < replicas; replica++) {
    const groups =
      placeWhole(slots, perReplica) ??
      (request.pipeline_across_nodes
        ? (placeParts(slots, perReplica, perStage) ?? placeParts(slots, perReplica, tensorParallel))
        : undefined)
    if (!groups) return { placed, reason: placementReason(request, replica) }
    for (const group of groups) placed.push({ replica, ...group })
  }
  return { placed }
}

/** How many replicas of this shape the nodes hold. */
export function replicaCapacity(request: Omit<PlacementRequest, 'replicas'>): number {
  if (request.pipeline_across_nodes) {
    const most = request.nodes.reduce((sum, node) => sum + node.free, 0)
    return new Set(
      planPlacement({ ...request, replicas: Math.floor(most / request.gpus_per_replica) }).placed.map((p) => p.replica),
    ).size
  }
  return request.nodes.reduce((sum, node) => sum + Math.floor(node.free / request.gpus_per_replica), 0)
}

function placeWhole(slots: Slot[], gpus: number): { node: string; gpus: number }[] | undefined {
  const slot = chooseSlot(slots, gpus)
  return slot && [take(slot, gpus)]
}

/** Part by part; gives everything back when the last ones find no room. */
function placeParts(slots: Slot[], perReplica: number, perPart: number): { node: string; gpus: number }[] | undefined {
  const parts = Math.max(Math.round(perReplica / perPart), 1)
  const taken: { slot: Slot; node: string; gpus: number }[] = []
  for (let part = 0; part < parts; part++) {
    const slot = chooseSlot(slots, perPart)
    if (!slot) {
      for (const { slot: full, gpus } of taken) {
        full.free += gpus
        full.groups--
      }
      return undefined
    }
    taken.push({ slot, ...take(slot, perPart) })
  }
  const byNode = new Map<string, number>()
  for (const { node, gpus } of taken) byNode.set(node, (byNode.get(node) ?? 0) + gpus)
  return [...byNode].map(([node, gpus]) => ({ node, gpus }))
}

function chooseSlot(slots: Slot[], gpus: number): Slot | undefined {
  let best: Slot | undefined
  for (const slot of slots) {
    if (slot.free < gpus) continue
    if (
      !best ||
      slot.groups < best.groups ||
      (slot.groups === best.groups && (slot.free < best.free || (slot.free === best.free && slot.name < best.name)))
    ) {
      best = slot
    }
  }
  return best
}

function take(slot: Slot, gpus: number): { node: string; gpus: number } {
  slot.free -= gpus
  slot.groups++
  return { node: slot.name, gpus }
}

function placementReason(request: PlacementRequest, placedReplicas: number): Reason {
  const { nodes, gpus_per_replica: perReplica, replicas } = request
  const type = nodes[0]?.gpu_type ?? 'matching'
  const free = nodes.reduce((sum, node) => sum + node.free, 0)
  const largest = nodes.reduce((most, node) => Math.max(most, node.free), 0)
  const where = nodes.length === 0 ? 'no node has this GPU type' : listFree(nodes)
  const together = request.pipeline_across_nodes ? request.tensor_parallel_size : perReplica
  const fragmented = largest < together && free >= perReplica
  return {
    code: fragmented ? 'gpus-fragmented' : 'not-enough-gpus',
    message: fragmented
      ? `No node has the ${together} ${type} GPUs that one replica needs together, though ${free} are free in all.`
      : `${replicas === 1 ? 'One replica finds no room: it' : `Only ${placedReplicas} of ${replicas} replicas find room: each`} needs ${perReplica} ${type} ${perReplica === 1 ? 'GPU' : 'GPUs together'}; ${free} free in all.`,
    path: fragmented ? 'deployment.config.tensor_parallel_size' : 'deployment.replicas',
    evidence: `Free: ${where}.`,
    next_step: fragmented
      ? `Use at most ${largest} GPUs per replica, or free GPUs on one node.`
      : 'Lower the replica count, use fewer GPUs per replica, or free GPUs on this cluster.',
  }
}

const MOST_NODES_NAMED = 12

function listFree(nodes: readonly FreeNode[]): string {
  const named = [...nodes].sort((a, b) => b.free - a.free || (a.name < b.name ? -1 : 1)).slice(0, MOST_NODES_NAMED)
  const rest = nodes.length - named.length
  return named.map((node) => `${node.name} ${node.free}`).join(', ') + (rest > 0 ? ` and ${rest} more nodes` : '')
}
