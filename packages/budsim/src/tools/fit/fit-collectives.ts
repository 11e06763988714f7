/** Curves of collectives inside one host: the least time over the engines by message size. */
import type { CollectiveCurve } from '../../domain/kernels/kernel-data.ts'
import { BestTimes, eachRow } from './read-table.ts'

/** Launched one by one, times contain the host; these hosts were measured no other way. */
const EAGER_ONLY = 'Intel-B60-24GB'

export function fitCollectives(folder: string): Record<string, Record<string, Record<string, CollectiveCurve>>> {
  const best = new BestTimes()
  const columns = ['gpu', 'kernel', 'dtype', 'collective', 'num_gpus', 'message_bytes', 'latency_us']
  eachRow(folder, 'comm', columns, ([gpu, kernel = '', dtype, collective, gpus, bytes, us]) => {
    if ((dtype !== 'fp16' && dtype !== 'bf16') || (kernel.includes('eager') && gpu !== EAGER_ONLY)) return
    best.add(`${gpu} ${collective} ${gpus}`, [Number(bytes)], Number(us))
  })
  const curves: Record<string, Record<string, Record<string, CollectiveCurve>>> = {}
  for (const { key, points } of best.groups()) {
    const [gpu = '', collective = '', gpus = ''] = key.split(' ')
    const ordered = [...points].sort((a, b) => (a.sizes[0] ?? 0) - (b.sizes[0] ?? 0))
    const curve = { bytes: ordered.map(({ sizes }) => sizes[0] ?? 1), microseconds: ordered.map(({ us }) => us) }
    curves[gpu] = { ...curves[gpu], [collective]: { ...curves[gpu]?.[collective], [gpus]: curve } }
  }
  return curves
}
