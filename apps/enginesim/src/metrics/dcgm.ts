/** What NVIDIA's dcgm-exporter would show of a node: utilisation, memory and power of each GPU. */
import type { GpuSpec } from '@bud/kernel'
import { hashText } from '../domain/random.ts'
import { escapeLabel } from './metric-set.ts'

export interface GpuReading {
  index: number
  /** Share of the last seconds in which kernels ran, 0–1. */
  busyShare: number
  heldBytes: number
  replicaId: string | null
}

const MIB = 2 ** 20
/** Idle draw as a share of the board's limit, and what full decoding adds. */
const IDLE_SHARE = 0.14
const BUSY_SHARE = 0.66
const FALLBACK_TDP_W = 400
const DRIVER = '580.95.05'

interface Field {
  name: string
  help: string
  value(reading: GpuReading, spec: GpuSpec): number
}

const FIELDS: readonly Field[] = [
  {
    name: 'DCGM_FI_DEV_GPU_UTIL',
    help: 'GPU utilization (in %).',
    value: ({ busyShare }) => Math.round(busyShare * 100),
  },
  {
    name: 'DCGM_FI_DEV_FB_USED',
    help: 'Framebuffer memory used (in MiB).',
    value: ({ heldBytes }) => Math.round(heldBytes / MIB),
  },
  {
    name: 'DCGM_FI_DEV_FB_FREE',
    help: 'Framebuffer memory free (in MiB).',
    value: ({ heldBytes }, { memory_gb }) => Math.max(0, Math.round((memory_gb * 1e9 - heldBytes) / MIB)),
  },
  {
    name: 'DCGM_FI_DEV_POWER_USAGE',
    help: 'Power draw (in W).',
    value: ({ busyShare }, { tdp_w }) =>
      Math.round((tdp_w ?? FALLBACK_TDP_W) * (IDLE_SHARE + BUSY_SHARE * busyShare) * 1000) / 1000,
  },
]

export function renderNodeMetrics(node: string, spec: GpuSpec, readings: readonly GpuReading[]): string {
  const lines: string[] = []
  for (const { name, help, value } of FIELDS) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`)
    for (const reading of readings) lines.push(`${name}{${labels(node, spec, reading)}} ${value(reading, spec)}`)
  }
  lines.push('')
  return lines.join('\n')
}

function labels(node: string, spec: GpuSpec, { index, replicaId }: GpuReading): string {
  const pairs: [string, string][] = [
    ['gpu', String(index)],
    ['UUID', uuid(node, index)],
    ['device', `nvidia${index}`],
    ['modelName', `${spec.vendor} ${spec.id}`],
    ['Hostname', node],
    ['DCGM_FI_DRIVER_VERSION', DRIVER],
  ]
  if (replicaId !== null) pairs.push(['container', 'engine'], ['pod', replicaId])
  return pairs.map(([label, value]) => `${label}="${escapeLabel(value)}"`).join(',')
}

function uuid(node: string, index: number): string {
  const part = (salt: number) => hashText(`${node}/${index}`, salt).toString(16).padStart(8, '0')
  const hex = part(1) + part(2) + part(3) + part(4)
  return `GPU-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
