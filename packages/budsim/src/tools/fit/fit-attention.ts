/** Fits of attention kernels: grouped-query and latent, decode and prefill. */
import { decodeUs, latentUs, prefillUs } from '../../domain/kernels/attention-times.ts'
import type { DecodeFit, LatentFit, PrefillFit } from '../../domain/kernels/kernel-data.ts'
import { KV_BYTES, type KvFormat, type Rates, ratesOf } from '../../domain/kernels/roofline.ts'
import { type Fitted, fitTimes } from './fit-times.ts'
import type { GpuById } from './gpu-by-id.ts'
import { BestTimes, eachRow, type Point } from './read-table.ts'
import { type FitRow, toDigits } from './report.ts'

const HEAD_DIMS = new Set(['64', '128', '256'])
const MATHS: Readonly<Record<string, true>> = { bf16: true, fp16: true }

/** fp16 and bf16 cost the same; other types are not fitted. */
function kvFormatOf(dtype: string): KvFormat | undefined {
  if (dtype === 'bf16' || dtype === 'fp16') return 'bf16'
  return dtype === 'fp8' ? 'fp8' : undefined
}

const errorOf = ({ rows, median_error, mean_error }: Fitted) => ({
  rows,
  median_error: toDigits(median_error, 3),
  mean_error: toDigits(mean_error, 3),
})
const NO_ERROR = { rows: 1, median_error: 0, mean_error: 0 }

export function fitDecodeAttention(folder: string, gpuById: GpuById, rows: FitRow[]) {
  const best = new BestTimes()
  const columns = ['gpu', 'attn_dtype', 'kv_dtype', 'window_tokens', 'head_dim', 'n_heads', 'n_kv_heads']
  eachRow(folder, 'attention_generation', [...columns, 'batch_size', 'kv_len_tokens', 'latency_us'], (fields) => {
    const [gpu, maths = '', kvType = '', window, headDim = '', ...sizes] = fields
    const kv = kvFormatOf(kvType)
    if (window !== '0' || !MATHS[maths] || kv === undefined || !HEAD_DIMS.has(headDim)) return
    const [heads, kvHeads, sequences, context, us] = sizes.map(Number)
    best.add(`${gpu} ${kv}`, [Number(headDim), heads ?? 1, kvHeads ?? 1, sequences ?? 1, context ?? 1], us ?? 1)
  })
  const fits: Record<string, Record<string, DecodeFit>> = {}
  for (const { key, points } of best.groups()) {
    const [id = '', kv = ''] = key.split(' ')
    const fit = fitDecode(points, ratesOf(gpuById(id), 'bf16'), KV_BYTES[kv as KvFormat])
    fits[id] = { ...fits[id], [kv]: fit }
    rows.push({ gpu: id, kind: `decode attention ${kv}`, ...fit })
  }
  return fits
}

function fitDecode(points: readonly Point[], rates: Rates, kvBytes: number): DecodeFit {
  const memory = points.map(
    ({ sizes: [headDim = 1, , kvHeads = 1, sequences = 1, context = 1] }) =>
      (sequences * context * kvHeads * headDim * 2 * kvBytes) / rates.bytesPerUs,
  )
  const arithmetic = points.map(
    ({ sizes: [headDim = 1, heads = 1, , sequences = 1, context = 1] }) =>
      (4 * sequences * context * heads * headDim) / rates.flopsPerUs,
  )
  const toFit = ([base = 0, bytes = 0, flops = 0, sharpness = 1]: readonly number[]) => ({
    base_us: base,
    bytes_factor: bytes,
    flops_factor: flops,
    sharpness,
  })
  const fitted = fitTimes(
    points.map(({ us }) => us),
    [
      { start: 5, least: 1, most: 100 },
      { start: 1.3, least: 0.5, most: 12 },
      { start: 3, least: 0.01, most: 8 },
      { start: 2, least: 1.5, most: 8 },
    ],
    (parameters, row) => decodeUs({ ...toFit(parameters), ...NO_ERROR }, memory[row] ?? 0, arithmetic[row] ?? 0),
  )
  return { ...toFit(fitted.parameters.map((value) => toDigits(value, 4))), ...errorOf(fitted) }
}

export function fitPrefillAttention(folder: string, gpuById: GpuById, rows: FitRow[]) {
  const best = new BestTimes()
  const columns = ['gpu', 'attn_dtype', 'kv_dtype', 'window_tokens', 'head_dim', 'n_heads', 'n_kv_heads']
  eachRow(folder, 'attention_context', [...columns, 'batch_size', 'query_len_tokens', 'latency_us'], (fields) => {
    const [gpu = '', maths = '', kvType = '', window, headDim = '', ...sizes] = fields
    if (window !== '0' || !MATHS[maths] || !MATHS[kvType] || !HEAD_DIMS.has(headDim)) return
    const [heads, kvHeads, sequences, newTokens, us] = sizes.map(Number)
    best.add(gpu, [Number(headDim), heads ?? 1, kvHeads ?? 1, sequences ?? 1, newTokens ?? 1], us ?? 1)
  })
  const fits: Record<string, PrefillFit> = {}
  for (const { key: id, points } of best.groups()) {
    const fit = fitPrefill(points, ratesOf(gpuById(id), 'bf16'))
    fits[id] = fit
    rows.push({ gpu: id, kind: 'prefill attention', ...fit })
  }
  return fits
}

function fitPrefill(points: readonly Point[], rates: Rates): PrefillFit {
  const work = points.map(({ sizes: [headDim = 1, heads = 1, kvHeads = 1, sequences = 1, newTokens = 1] }) => ({
    arithmetic: (2 * sequences * newTokens * newTokens * heads * headDim) / rates.flopsPerUs,
    memory: (sequences * newTokens * headDim * 4 * (heads + kvHeads)) / rates.bytesPerUs,
    newTokens,
  }))
  const toFit = ([base = 0, flops = 0, bytes = 0, half = 0]: readonly number[]) => ({
    base_us: base,
    flops_factor: flops,
    bytes_factor: bytes,
    half_rate_tokens: half,
  })
  const fitted = fitTimes(
    points.map(({ us }) => us),
    [
      { start: 5, least: 1, most: 60 },
      { start: 1.5, least: 0.5, most: 12 },
      { start: 1.5, least: 0.001, most: 12 },
      { start: 200, least: 0.001, most: 1000 },
    ],
    (parameters, row) => {
      const { arithmetic = 0, memory = 0, newTokens = 1 } = work[row] ?? {}
      return prefillUs({ ...toFit(parameters), ...NO_ERROR }, arithmetic, memory, newTokens)
    },
  )
  return { ...toFit(fitted.parameters.map((value) => toDigits(value, 4))), ...errorOf(fitted) }
}

export function fitLatentAttention(folder: string, gpuById: GpuById, rows: FitRow[]) {
  const best = new BestTimes()
  const columns = ['gpu', 'phase', 'kv_dtype', 'n_heads', 'batch_size', 'query_len_tokens', 'kv_len_tokens']
  eachRow(folder, 'mla_kernel', [...columns, 'latency_us'], ([gpu, phase, kvType = '', ...sizes]) => {
    const kv = kvFormatOf(kvType)
    if (kv === undefined || (phase === 'context' && kv !== 'bf16')) return
    const [heads = 1, sequences = 1, newTokens = 1, context = 1, us = 1] = sizes.map(Number)
    best.add(`${gpu} ${phase} ${kv}`, [heads, sequences, newTokens, context], us)
  })
  const latent_decode: Record<string, Record<string, LatentFit>> = {}
  const latent_prefill: Record<string, LatentFit> = {}
  for (const { key, points } of best.groups()) {
    const [id = '', phase, kv = ''] = key.split(' ')
    const rates = ratesOf(gpuById(id), 'bf16')
    if (phase === 'generation') {
      const fit = fitLatent(points, decodeWork(rates, KV_BYTES[kv as KvFormat]))
      latent_decode[id] = { ...latent_decode[id], [kv]: fit }
      rows.push({ gpu: id, kind: `latent decode ${kv}`, ...fit })
    } else {
      const fit = fitLatent(points, prefillWork(rates))
      latent_prefill[id] = fit
      rows.push({ gpu: id, kind: 'latent prefill', ...fit })
    }
  }
  return { latent_decode, latent_prefill }
}

type WorkOf = (sizes: readonly number[]) => { memory: number; arithmetic: number }

function decodeWork(rates: Rates, kvBytes: number): WorkOf {
  return ([heads = 1, sequences = 1, , context = 1]) => ({
    memory: (sequences * context * 576 * kvBytes) / rates.bytesPerUs,
    arithmetic: (2 * sequences * context * heads * (576 + 512)) / rates.flopsPerUs,
  })
}

function prefillWork(rates: Rates): WorkOf {
  return ([heads = 1, sequences = 1, newTokens = 1]) => ({
    memory: (sequences * newTokens * heads * 2 * 640) / rates.bytesPerUs,
    arithmetic: (sequences * newTokens * newTokens * heads * 320) / rates.flopsPerUs,
  })
}

function fitLatent(points: readonly Point[], workOf: WorkOf): LatentFit {
  const work = points.map(({ sizes }) => workOf(sizes))
  const toFit = ([base = 0, bytes = 0, flops = 0]: readonly number[]) => ({
    base_us: base,
    bytes_factor: bytes,
    flops_factor: flops,
  })
  const fitted = fitTimes(
    points.map(({ us }) => us),
    [
      { start: 8, least: 1, most: 60 },
      { start: 1.5, least: 0.01, most: 12 },
      { start: 2, least: 0.001, most: 12 },
    ],
    (parameters, row) => {
      const { memory = 0, arithmetic = 0 } = work[row] ?? {}
      return latentUs({ ...toFit(parameters), ...NO_ERROR }, memory, arithmetic)
    },
  )
  return { ...toFit(fitted.parameters.map((value) => toDigits(value, 4))), ...errorOf(fitted) }
}
