/** Which GPUs are free and who has the others: the cluster's inventory with the ledger of reservations over it. */
import type { NodeGpus } from './records.ts'

/** A node as the cluster reports it. */
export interface InventoryNode {
  name: string
  gpu_type: string | null
  gpu_count: number
  ready: boolean
  /** One entry per GPU in use, with its index on the node. */
  allocations: { gpu: number; release: string }[]
  /** Where GPU figures are read in DCGM's names; null: nowhere. */
  metrics_url: string | null
}

/** GPUs reserved for an endpoint on one node. */
export interface Holding extends NodeGpus {
  endpoint_id: string
  endpoint_name: string
  /** The release under which the cluster knows these GPUs. */
  release: string
}

/** Structurally the contract's ClusterNode. */
export interface NodeView {
  name: string
  gpu_type: string | null
  gpu_count: number
  gpus_free: number
  used_by: { endpoint_id: string; endpoint_name: string; gpus: number }[]
  ready: boolean
}

/**
 * Reservations count, whether their replicas run yet or not; so do GPUs that the cluster has given to an endpoint's
 * replicas elsewhere than planned, until the ledger follows. Allocations of releases without a reservation (somebody
 * else's, or an orphan) count as used too. `ignoring` an endpoint makes its GPUs free.
 */
export function nodeViews(
  nodes: readonly InventoryNode[],
  holdings: readonly Holding[],
  ignoring?: string,
): NodeView[] {
  const known = new Map(holdings.map((holding) => [holding.release, holding]))
  return nodes.map((node) => {
    const used_by = [...known.values()]
      .filter(({ endpoint_id }) => endpoint_id !== ignoring)
      .map(({ endpoint_id, endpoint_name, release }) => {
        const own = holdings.filter((holding) => holding.release === release && holding.node === node.name)
        const allocated = node.allocations.filter((allocation) => allocation.release === release).length
        return { endpoint_id, endpoint_name, gpus: Math.max(sum(own.map(({ gpus }) => gpus)), allocated) }
      })
      .filter(({ gpus }) => gpus > 0)
    const foreign = node.allocations.filter(({ release }) => !known.has(release)).length
    const used = sum(used_by.map(({ gpus }) => gpus)) + foreign
    return {
      name: node.name,
      gpu_type: node.gpu_type,
      gpu_count: node.gpu_count,
      gpus_free: node.ready ? Math.max(0, node.gpu_count - used) : 0,
      used_by,
      ready: node.ready,
    }
  })
}

export interface GpuTotal {
  gpu_type: string
  total: number
  free: number
  largest_free_on_a_node: number
}

export function gpuTotals(nodes: readonly NodeView[]): GpuTotal[] {
  const totals = new Map<string, GpuTotal>()
  for (const { gpu_type, gpu_count, gpus_free } of nodes) {
    if (gpu_type === null || gpu_count === 0) continue
    const total = totals.get(gpu_type) ?? { gpu_type, total: 0, free: 0, largest_free_on_a_node: 0 }
    total.total += gpu_count
    total.free += gpus_free
    total.largest_free_on_a_node = Math.max(total.largest_free_on_a_node, gpus_free)
    totals.set(gpu_type, total)
  }
  return [...totals.values()]
}

/** "chat (8 GPUs), search (4 GPUs)"; empty when nobody holds any of this type. */
export function holdersOf(nodes: readonly NodeView[], gpuType: string): string {
  const held = new Map<string, number>()
  for (const node of nodes)
    if (node.gpu_type === gpuType)
      for (const { endpoint_name, gpus } of node.used_by) held.set(endpoint_name, (held.get(endpoint_name) ?? 0) + gpus)
  return [...held].map(([name, gpus]) => `${name} (${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'})`).join(', ')
}

/** Adds up amounts per node, leaving out nodes that come to nothing. */
export function addNodeGpus(...lists: readonly (readonly NodeGpus[])[]): NodeGpus[] {
  const totals = new Map<string, number>()
  for (const { node, gpus } of lists.flat()) totals.set(node, (totals.get(node) ?? 0) + gpus)
  return [...totals].filter(([, gpus]) => gpus > 0).map(([node, gpus]) => ({ node, gpus }))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
