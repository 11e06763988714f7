/** Grids of gated-delta-net layers by engine: convolution and recurrence together. */

import type { TimeGrid } from '../../domain/kernels/kernel-data.ts'
import {
  createLinearDecode,
  createLinearPrefill,
  linearStepUs,
  linearTokenUs,
} from '../../domain/kernels/linear-times.ts'
import { ratesOf } from '../../domain/kernels/roofline.ts'
import { errorsOf } from './fit-times.ts'
import type { GpuById } from './gpu-by-id.ts'
import { BestTimes, ENGINES, eachRow, type Point, powersOfTwo } from './read-table.ts'
import type { FitRow } from './report.ts'
import { toTimeGrid } from './time-grid.ts'

const HEADS_TIMES_SEQUENCES = powersOfTwo(1, 65536)
const TOKENS = powersOfTwo(1, 32768)
type GridsByEngine = Record<string, Record<string, TimeGrid>>

export function fitLinearAttention(folder: string, gpuById: GpuById, rows: FitRow[]) {
  const linear_decode: GridsByEngine = {}
  const linear_prefill: GridsByEngine = {}
  for (const { key, points } of readLayers(folder)) {
    const [id = '', engine = '', phase = ''] = key.split(' ')
    const rates = ratesOf(gpuById(id), 'bf16')
    const kind = `delta net ${phase === 'generation' ? 'decode' : 'prefill'}, ${engine}`
    const axes = { value_heads_times_sequences: HEADS_TIMES_SEQUENCES }
    if (phase === 'generation') {
      const units = points.map(({ sizes: [heads = 1, sequences = 1], us }) => ({ sizes: [heads * sequences], us }))
      const roof = ([heads = 1]: readonly number[]) => heads * linearStepUs(rates)
      const grid = toTimeGrid(units, { axes, roof, rising: ['value_heads_times_sequences'] })
      linear_decode[id] = { ...linear_decode[id], [engine]: grid }
      const time = createLinearDecode(grid, rates, rates, 1)
      rows.push({ gpu: id, kind, ...errorsAt(units, ([heads = 1]) => time(heads)) })
    } else {
      const units = points.map(({ sizes: [heads = 1, sequences = 1, tokens = 1], us }) => ({
        sizes: [heads * sequences, tokens],
        us,
      }))
      const grid = toTimeGrid(units, {
        axes: { ...axes, tokens: TOKENS },
        roof: ([heads = 1, tokens = 1]) => heads * tokens * linearTokenUs(rates),
        rising: ['value_heads_times_sequences', 'tokens'],
      })
      linear_prefill[id] = { ...linear_prefill[id], [engine]: grid }
      const time = createLinearPrefill(grid, rates, rates, 1)
      rows.push({ gpu: id, kind, ...errorsAt(units, ([heads = 1, tokens = 1]) => time(heads, tokens)) })
    }
  }
  return { linear_decode, linear_prefill }
}

/** Value heads, sequences, tokens; the sum of the best convolution and the best recurrence of an engine. */
function readLayers(folder: string): { key: string; points: Point[] }[] {
  const kernels = new BestTimes()
  const sizes = ['d_model', 'n_k_heads', 'n_v_heads', 'batch_size', 'seq_len_tokens']
  const columns = ['gpu', 'engine', 'phase', 'family', 'kernel', 'latency_us', ...sizes]
  eachRow(folder, 'linear_attention', columns, ([gpu, engine = '', phase, family, kernel = '', us, ...rest]) => {
    if (family !== 'gdn') return
    const part = kernel.includes('conv1d') ? 'convolution' : 'recurrence'
    kernels.add(`${gpu} ${ENGINES[engine]} ${phase} ${part}`, rest.map(Number), Number(us))
  })
  const parts = new Map(kernels.groups().map(({ key, points }) => [key, points]))
  return [...parts].flatMap(([key, recurrences]) => {
    if (!key.endsWith(' recurrence')) return []
    const layer = key.slice(0, -' recurrence'.length)
    const convolutions = new Map(parts.get(`${layer} convolution`)?.map((point) => [point.sizes.join(), point.us]))
    const points = recurrences.flatMap(({ sizes: all, us }) => {
      const convolution = convolutions.get(all.join())
      return convolution === undefined ? [] : [{ sizes: all.slice(2), us: us + convolution }]
    })
    return [{ key: layer, points }]
  })
}

function errorsAt(points: readonly Point[], predict: (sizes: readonly number[]) => number) {
  return errorsOf(Float64Array.from(points, ({ sizes, us }) => Math.log(predict(sizes) / us)))
}
