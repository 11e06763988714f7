/** Kernel times of any GPU: measured ones where there are measurements, else carried over from a GPU alike. */
import { failed, type GpuSpec } from '@bud/kernel'
import {
  type AttentionSource,
  createDecodeAttention,
  createLatentDecode,
  createLatentPrefill,
  createPrefillAttention,
} from './attention-times.ts'
import { createAllReduce } from './collective-times.ts'
import { createExperts, type ExpertShape, type ExpertUse } from './expert-times.ts'
import { createGemm, type GemmTime } from './gemm-times.ts'
import type { KernelData, TimeGrid } from './kernel-data.ts'
import {
  type ExpertFormat,
  type GemmFormat,
  KV_BYTES,
  type KvFormat,
  ratesOf,
  referenceGpuOf,
  WEIGHT_BYTES,
} from './roofline.ts'

/** Best-case steady kernel times of one GPU, in microseconds: no scheduler, no host gaps. Bind once, call often. */
export interface GpuKernels {
  readonly gpu: GpuSpec
  /** y[m,n] = x[m,k]·w[k,n]; quantising the bf16 inputs included. */
  gemm(format: GemmFormat): GemmTime
  /** One new token per sequence; heads are those on this GPU. */
  decodeAttention(
    kv: KvFormat,
    heads: number,
    kvHeads: number,
    headDim: number,
  ): (sequences: number, contextTokens: number) => number
  /** Attention core of multi-head latent attention, without its projections. */
  latentDecode(kv: KvFormat, heads: number): (sequences: number, contextTokens: number) => number
  /** Causal; `window` = Infinity for full attention. */
  prefillAttention(
    heads: number,
    kvHeads: number,
    headDim: number,
  ): (sequences: number, newTokens: number, cachedTokens: number, window: number) => number
  latentPrefill(heads: number): (sequences: number, newTokens: number, cachedTokens: number) => number
  /**
   * Fused routed experts of one GPU; `tokens` are those of the whole expert-parallel group. The engine's own kernels
   * where they were measured, else the fastest of any engine.
   */
  experts(format: ExpertFormat, shape: ExpertShape, use?: ExpertUse): (tokens: number) => number
  /** Sum over `gpus` GPUs of a message of so many bytes. */
  allReduce(gpus: number): (bytes: number) => number
}

export interface KernelModel {
  /** Any well-formed GPU gets an answer; cached per object. */
  forGpu(gpu: GpuSpec): GpuKernels
}

type GridsByFormat = Readonly<Record<string, Readonly<Record<string, TimeGrid>>>>

/** Formats whose grid stands in, in this order, where a GPU has none of the format's own. */
const GEMM_STAND_INS: Readonly<Record<GemmFormat, readonly GemmFormat[]>> = {
  bf16: ['bf16'],
  fp8: ['fp8', 'bf16'],
  'fp8-block': ['fp8-block', 'fp8', 'bf16'],
  nvfp4: ['nvfp4', 'int4', 'bf16'],
  int8: ['int8', 'fp8', 'bf16'],
  int4: ['int4', 'bf16'],
}
/** Stand-in for what only data-centre GPUs of NVIDIA were measured at. */
const GENERAL_GPU = 'H100-SXM-80GB'
/** Host without scale-up links whose bus is sound; L40S hosts reach a tenth of it. */
const BUS_GPU = 'RTX-PRO-6000-96GB'

/** `gpus` must hold every measured GPU, since times are carried by the ratio of datasheet rates. */
export function createKernelModel(data: KernelData, gpus: readonly GpuSpec[]): KernelModel {
  const catalogue = new Map(gpus.map((gpu) => [gpu.id, gpu]))
  const unknown = Object.keys(data.gemm).filter((id) => !catalogue.has(id))
  if (unknown.length > 0)
    throw failed(`Kernels were measured on ${unknown.join(', ')}, which the GPU catalogue lacks; add them to gpus.csv`)
  const known = new WeakMap<GpuSpec, GpuKernels>()
  return {
    forGpu(gpu) {
      let kernels = known.get(gpu)
      if (kernels === undefined) {
        kernels = createGpuKernels(data, catalogue, gpu)
        known.set(gpu, kernels)
      }
      return kernels
    },
  }
}

function createGpuKernels(data: KernelData, catalogue: ReadonlyMap<string, GpuSpec>, gpu: GpuSpec): GpuKernels {
  const { attention } = data
  const reference = referenceGpuOf(gpu, (id) => data.gemm[id] !== undefined)
  const bf16 = ratesOf(gpu, 'bf16')
  const specOf = (id: string): GpuSpec => need(catalogue.get(id), `no GPU ${id}`)
  const curvesOf = (id: string) => ({
    gpu: specOf(id),
    curves: need(data.collectives[id]?.all_reduce, `no all-reduce of ${id}`),
  })
  const here = (kv: KvFormat): AttentionSource => ({ rates: bf16, kvBytes: KV_BYTES[kv] })
  const sourceOf = (id: string, kv: KvFormat): AttentionSource => ({
    rates: ratesOf(specOf(id), 'bf16'),
    kvBytes: KV_BYTES[kv],
  })
  /** The reference's grid of this KV format, else its bf16 one, else the general GPU's. */
  const pick = (grids: GridsByFormat, kv: KvFormat, what: string) => {
    const id = grids[reference] ? reference : GENERAL_GPU
    const format: KvFormat = grids[id]?.[kv] ? kv : 'bf16'
    return { id, format, grid: need(grids[id]?.[format], `no ${what} of ${id}`) }
  }
  const gemms = new Map<GemmFormat, GemmTime>()
  const bindGemm = (format: GemmFormat): GemmTime => {
    const from = GEMM_STAND_INS[format].find((candidate) => data.gemm[reference]?.[candidate] !== undefined) ?? 'bf16'
    const grid = need(data.gemm[reference]?.[from], `no bf16 products of ${reference}`)
    return createGemm(grid, { gpu: specOf(reference), format: from }, { gpu, format })
  }
  return {
    gpu,
    gemm(format) {
      const bound = gemms.get(format) ?? bindGemm(format)
      gemms.set(format, bound)
      return bound
    },
    decodeAttention(kv, heads, kvHeads, headDim) {
      const { id, format, grid } = pick(attention.decode, kv, 'decode attention')
      return createDecodeAttention(grid, sourceOf(id, format), here(kv), { heads, kvHeads, headDim })
    },
    latentDecode(kv, heads) {
      const { id, format, grid } = pick(attention.latent_decode, kv, 'latent decode')
      return createLatentDecode(grid, sourceOf(id, format), here(kv), heads)
    },
    prefillAttention(heads, kvHeads, headDim) {
      const id = attention.prefill[reference] ? reference : GENERAL_GPU
      const grid = need(attention.prefill[id], `no prefill attention of ${id}`)
      return createPrefillAttention(grid, ratesOf(specOf(id), 'bf16'), bf16, { heads, kvHeads, headDim })
    },
    latentPrefill(heads) {
      const id = attention.latent_prefill[reference] ? reference : GENERAL_GPU
      const grid = need(attention.latent_prefill[id], `no latent prefill of ${id}`)
      return createLatentPrefill(grid, ratesOf(specOf(id), 'bf16'), bf16, heads)
    },
    experts(format, shape, use) {
      const byFormat = data.experts[reference] ?? data.experts[GENERAL_GPU]
      const families = need(byFormat?.[format] ?? byFormat?.bf16, `no experts of ${reference}`)
      const own = families.filter(({ engine }) => engine === use?.engine)
      return createExperts(own.length > 0 ? own : families, ratesOf(gpu, format), WEIGHT_BYTES[format], shape)
    },
    allReduce(count) {
      return createAllReduce({ gpu, reference: curvesOf(reference), bus: curvesOf(BUS_GPU) }, count)
    },
  }
}

function need<Value>(value: Value | undefined, missing: string): Value {
  if (value === undefined) throw failed(`The kernel measurements are incomplete: ${missing}`)
  return value
}
