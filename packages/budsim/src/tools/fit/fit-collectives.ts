/** Curves of collectives inside one host: the least time over the engines by message size. */
import { exchangeBytes } from '../../domain/kernels/collective-times.ts'
import type { CollectiveCurve } from '../../domain/kernels/kernel-data.ts'
import { createCurve } from '../../domain/kernels/log-curve.ts'
import { errorsOf } from './fit-times.ts'
import { BestTimes, eachRow } from './read-table.ts'
import { type FitRow, toDigits } from './report.ts'
import { lowerQuartile, pool } from './time-grid.ts'

/** Launched one by one, times contain the host; these hosts were measured no other way. */
const EAGER_ONLY = 'Intel-B60-24GB'

export function fitCollectives(
  folder: string,
  rows: FitRow[],
): Record<string, Record<string, Record<string, CollectiveCurve>>> {
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
  for (const [gpu, exchange] of Object.entries(fitExchanges(folder, rows)))
    curves[gpu] = { ...curves[gpu], expert_exchange: exchange }
  return curves
}

const GPUS_PER_NODE = 8
/** Smaller exchanges take what the smallest of these takes. */
const LEAST_BYTES = 2 ** 15

/** DeepEP's dispatch and combine together, in the faster of its modes, by the bytes a GPU sends both ways. */
function fitExchanges(folder: string, rows: FitRow[]): Record<string, Record<string, CollectiveCurve>> {
  const best = new BestTimes()
  const columns = ['gpu', 'n_nodes', 'dispatch_us', 'combine_us', 'hidden_size', 'topk', 'n_experts', 'tokens_per_gpu']
  eachRow(folder, 'comm_moe_deepep', columns, ([gpu, nodes, dispatch, combine, ...sizes]) => {
    best.add(`${gpu} ${Number(nodes) * GPUS_PER_NODE}`, sizes.map(Number), Number(dispatch) + Number(combine))
  })
  const curves: Record<string, Record<string, CollectiveCurve>> = {}
  for (const { key, points } of best.groups()) {
    const [gpu = '', gpus = ''] = key.split(' ')
    const sent = points.map(({ sizes: [hidden = 1, perToken = 1, , tokens = 1], us }) => ({
      bytes: tokens * exchangeBytes({ hidden, perToken, gpus: Number(gpus) }),
      us,
    }))
    const curve = risingCurve(sent.filter(({ bytes }) => bytes >= LEAST_BYTES))
    curves[gpu] = { ...curves[gpu], [gpus]: curve }
    const time = createCurve(curve.bytes, curve.microseconds)
    const errors = errorsOf(Float64Array.from(sent, ({ bytes, us }) => Math.log(time(bytes) / us)))
    rows.push({ gpu, kind: `expert exchange, ${gpus} GPUs`, ...errors })
  }
  return curves
}

/** The lower quartile of every half octave, since few shapes were measured in both modes; more bytes never take less. */
function risingCurve(points: readonly { bytes: number; us: number }[]): CollectiveCurve {
  const bins = [...Map.groupBy(points, ({ bytes }) => Math.round(2 * Math.log2(bytes)))].sort(([a], [b]) => a - b)
  const microseconds = bins.map(([, bin]) => lowerQuartile(bin.map(({ us }) => us)))
  pool(microseconds, [microseconds], 0)
  return {
    bytes: bins.map(([octaves]) => Math.round(2 ** (octaves / 2))),
    microseconds: microseconds.map((us) => toDigits(us, 4)),
  }
}
