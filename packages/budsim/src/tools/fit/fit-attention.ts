/** Attention grids from the raw tables: grouped-query and latent, decode and prefill. */
import {
  type AttentionSource,
  createDecodeAttention,
  createLatentDecode,
  createLatentPrefill,
  createPrefillAttention,
  decodeUnitUs,
  latentPrefillUs,
  latentTokenUs,
  prefillUnitUs,
} from '../../domain/kernels/attention-times.ts'
import type { TimeGrid } from '../../domain/kernels/kernel-data.ts'
import { KV_BYTES, type KvFormat, ratesOf } from '../../domain/kernels/roofline.ts'
import { errorsOf } from './fit-times.ts'
import type { GpuById } from './gpu-by-id.ts'
import { BestTimes, eachRow, type Point, powersOfTwo, uncached } from './read-table.ts'
import type { FitRow } from './report.ts'
import { toTimeGrid } from './time-grid.ts'

const HEAD_DIMS = [64, 128, 256]
const GROUPS = [1, 2, 4, 8, 16]
const CONTEXTS = [16, ...powersOfTwo(64, 131072)]

type Grids = Record<string, TimeGrid>
type GridsByFormat = Record<string, Grids>

/** fp16 and bf16 cost the same; other types are not fitted. */
function kvFormatOf(dtype: string): KvFormat | undefined {
  if (dtype === 'bf16' || dtype === 'fp16') return 'bf16'
  return dtype === 'fp8' ? 'fp8' : undefined
}

/** Errors of `predict` at the points; functions are bound once per shape. */
function errorsAt<Bound>(
  points: readonly Point[],
  shapeSizes: number,
  bind: (shape: readonly number[]) => Bound,
  predict: (bound: Bound, sizes: readonly number[]) => number,
) {
  const bounds = new Map<string, Bound>()
  const errors = points.map(({ sizes, us }) => {
    const shape = sizes.slice(0, shapeSizes)
    const key = shape.join()
    const bound = bounds.get(key) ?? bind(shape)
    bounds.set(key, bound)
    return Math.log(predict(bound, sizes.slice(shapeSizes)) / us)
  })
  return errorsOf(Float64Array.from(errors))
}

/** Points of full attention: head size, heads, KV heads, sequences, tokens. */
function readAttention(
  folder: string,
  table: string,
  tokens: string,
  groupOf: (gpu: string, kv: string) => string | null,
) {
  const best = new BestTimes()
  const columns = ['gpu', 'attn_dtype', 'kv_dtype', 'window_tokens', 'head_dim', 'n_heads', 'n_kv_heads']
  eachRow(folder, table, [...columns, 'batch_size', tokens, 'latency_us'], (fields) => {
    const [gpu = '', maths = '', kvType = '', window, ...rest] = fields
    if (window !== '0' || kvFormatOf(maths) !== 'bf16') return
    const sizes = rest.map(Number)
    const us = sizes.pop() ?? 1
    const group = groupOf(gpu, kvType)
    if (group !== null && HEAD_DIMS.includes(sizes[0] ?? 0)) best.add(group, sizes, us)
  })
  return best.groups()
}

export function fitDecodeAttention(folder: string, gpuById: GpuById, rows: FitRow[]): GridsByFormat {
  const grids: GridsByFormat = {}
  const groups = readAttention(folder, 'attention_generation', 'kv_len_tokens', (gpu, kvType) => {
    const kv = kvFormatOf(kvType)
    return kv === undefined ? null : `${gpu} ${kv}`
  })
  for (const { key, points: measured } of groups) {
    const [id = '', kv = ''] = key.split(' ')
    const source: AttentionSource = { rates: ratesOf(gpuById(id), 'bf16'), kvBytes: KV_BYTES[kv as KvFormat] }
    const elementUs = (2 * source.kvBytes) / source.rates.bytesPerUs
    const points = uncached(
      measured,
      ([headDim = 1, , kvHeads = 1, sequences = 1, context = 1]) => headDim * kvHeads * sequences * context * elementUs,
    )
    const byUnits = points.map(({ sizes: [headDim = 1, heads = 1, kvHeads = 1, sequences = 1, context = 1], us }) => ({
      sizes: [headDim, heads / kvHeads, sequences * kvHeads, context],
      us,
    }))
    const grid = toTimeGrid(byUnits, {
      axes: {
        head_dim: HEAD_DIMS,
        heads_per_kv_head: GROUPS,
        kv_heads_times_sequences: powersOfTwo(1, 8192),
        context_tokens: CONTEXTS,
      },
      roof: ([headDim = 1, group = 1, units = 1, context = 1]) =>
        units * context * decodeUnitUs(source, headDim, group),
      rising: ['kv_heads_times_sequences', 'context_tokens'],
    })
    grids[id] = { ...grids[id], [kv]: grid }
    const errors = errorsAt(
      points,
      3,
      ([headDim = 1, heads = 1, kvHeads = 1]) =>
        createDecodeAttention(grid, source, source, { headDim, heads, kvHeads }),
      (time, [sequences = 1, context = 1]) => time(sequences, context),
    )
    rows.push({ gpu: id, kind: `decode attention, ${kv} cache`, ...errors })
  }
  return grids
}

export function fitPrefillAttention(folder: string, gpuById: GpuById, rows: FitRow[]): Grids {
  const grids: Grids = {}
  const groups = readAttention(folder, 'attention_context', 'query_len_tokens', (gpu, kvType) =>
    kvFormatOf(kvType) === 'bf16' ? gpu : null,
  )
  for (const { key: id, points } of groups) {
    const rates = ratesOf(gpuById(id), 'bf16')
    const byUnits = points.map(({ sizes: [headDim = 1, heads = 1, kvHeads = 1, sequences = 1, tokens = 1], us }) => ({
      sizes: [headDim, heads / kvHeads, sequences * heads, tokens],
      us,
    }))
    const grid = toTimeGrid(byUnits, {
      axes: {
        head_dim: HEAD_DIMS,
        heads_per_kv_head: GROUPS,
        heads_times_sequences: powersOfTwo(1, 16384),
        tokens: [1, 16, ...powersOfTwo(64, 16384)],
      },
      roof: ([headDim = 1, group = 1, units = 1, tokens = 1]) => units * prefillUnitUs(rates, headDim, group, tokens),
      rising: ['heads_times_sequences', 'tokens'],
    })
    grids[id] = grid
    const errors = errorsAt(
      points,
      3,
      ([headDim = 1, heads = 1, kvHeads = 1]) =>
        createPrefillAttention(grid, rates, rates, { headDim, heads, kvHeads }),
      (time, [sequences = 1, tokens = 1]) => time(sequences, tokens, 0, Number.POSITIVE_INFINITY),
    )
    rows.push({ gpu: id, kind: 'prefill attention', ...errors })
  }
  return grids
}

export function fitLatentAttention(folder: string, gpuById: GpuById, rows: FitRow[]) {
  const best = new BestTimes()
  const columns = ['gpu', 'phase', 'kv_dtype', 'n_heads', 'batch_size', 'kv_len_tokens', 'latency_us']
  eachRow(folder, 'mla_kernel', columns, ([gpu, phase, kvType = '', heads, sequences, tokens, us]) => {
    const kv = kvFormatOf(kvType)
    if (kv === undefined || (phase === 'context' && kv !== 'bf16')) return
    best.add(`${gpu} ${phase} ${kv}`, [Number(heads), Number(sequences), Number(tokens)], Number(us))
  })
  const latent_decode: GridsByFormat = {}
  const latent_prefill: Grids = {}
  for (const { key, points } of best.groups()) {
    const [id = '', phase, kv = ''] = key.split(' ')
    const source = { rates: ratesOf(gpuById(id), 'bf16'), kvBytes: KV_BYTES[kv as KvFormat] }
    if (phase === 'generation') {
      const { grid, errors } = fitLatentDecode(points, source)
      latent_decode[id] = { ...latent_decode[id], [kv]: grid }
      rows.push({ gpu: id, kind: `latent decode, ${kv} cache`, ...errors })
    } else {
      const { grid, errors } = fitLatentPrefill(points, source)
      latent_prefill[id] = grid
      rows.push({ gpu: id, kind: 'latent prefill', ...errors })
    }
  }
  return { latent_decode, latent_prefill }
}

function fitLatentDecode(points: readonly Point[], source: AttentionSource) {
  const grid = toTimeGrid(points, {
    axes: { heads: powersOfTwo(1, 128), sequences: powersOfTwo(1, 1024), context_tokens: CONTEXTS },
    roof: ([heads = 1, sequences = 1, context = 1]) => sequences * context * latentTokenUs(source, heads),
    rising: ['heads', 'sequences', 'context_tokens'],
  })
  const errors = errorsAt(
    points,
    1,
    ([heads = 1]) => createLatentDecode(grid, source, source, heads),
    (time, [sequences = 1, context = 1]) => time(sequences, context),
  )
  return { grid, errors }
}

function fitLatentPrefill(points: readonly Point[], { rates }: AttentionSource) {
  const byUnits = points.map(({ sizes: [heads = 1, sequences = 1, tokens = 1], us }) => ({
    sizes: [heads * sequences, tokens],
    us,
  }))
  const grid = toTimeGrid(byUnits, {
    axes: { heads_times_sequences: powersOfTwo(1, 32768), tokens: [1, ...powersOfTwo(16, 32768)] },
    roof: ([units = 1, tokens = 1]) => units * latentPrefillUs(rates, tokens),
    rising: ['heads_times_sequences', 'tokens'],
  })
  const errors = errorsAt(
    points,
    1,
    ([heads = 1]) => createLatentPrefill(grid, rates, rates, heads),
    (time, [sequences = 1, tokens = 1]) => time(sequences, tokens, 0),
  )
  return { grid, errors }
}
