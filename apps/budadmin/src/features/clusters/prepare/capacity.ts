/** Nodes × GPUs as squares, coloured by who uses them. */
import type { Cluster } from '@bud/contract'
import { formatInteger, plural } from '../../../prepare/format.ts'

export interface Tenant {
  endpointId: string
  name: string
  gpus: number
  /** 1–6, a colour of the series; the hatch tells apart more than six. */
  series: number
  hatched: boolean
}

export interface NodeRow {
  name: string
  gpuType: string
  ready: boolean
  free: number
  total: number
  /** One entry per GPU: the tenant's endpoint id, or null when free. */
  squares: (string | null)[]
}

export interface CapacityMap {
  tenants: Tenant[]
  nodes: NodeRow[]
}

const COLOURS = 6

export function toCapacityMap(cluster: Cluster): CapacityMap {
  const gpus = new Map<string, { name: string; gpus: number }>()
  for (const use of cluster.nodes.flatMap((node) => node.used_by)) {
    const before = gpus.get(use.endpoint_id)?.gpus ?? 0
    gpus.set(use.endpoint_id, { name: use.endpoint_name, gpus: before + use.gpus })
  }
  const tenants = [...gpus]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([endpointId, { name, gpus }], index) => ({
      endpointId,
      name,
      gpus,
      series: (index % COLOURS) + 1,
      hatched: index >= COLOURS,
    }))
  return { tenants, nodes: cluster.nodes.map(toRow) }
}

function toRow(node: Cluster['nodes'][number]): NodeRow {
  const used = node.used_by.flatMap((use) => Array<string>(use.gpus).fill(use.endpoint_id))
  const free = Math.max(0, node.gpu_count - used.length)
  return {
    name: node.name,
    gpuType: node.gpu_type ?? 'no GPU',
    ready: node.ready,
    free: node.gpus_free,
    total: node.gpu_count,
    squares: [...used, ...Array<null>(free).fill(null)],
  }
}

/** "9 of 32 GPUs in use". */
export function describeCapacity(cluster: Cluster): string {
  const total = cluster.gpus.reduce((sum, gpu) => sum + gpu.total, 0)
  const free = cluster.gpus.reduce((sum, gpu) => sum + gpu.free, 0)
  return `${formatInteger(total - free)} of ${plural(total, 'GPU')} in use`
}
