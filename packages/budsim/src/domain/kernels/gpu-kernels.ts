/** Kernel times of one GPU, looked up among its own measurements or those of a GPU alike. */
import { failed, type GpuSpec } from '@bud/kernel'
import {
  type AttentionSource,
  createDecodeAttention,
  createLatentDecode,
  createLatentPrefill,
  createPrefillAttention,
} from './attention-times.ts'
import { type CollectiveTime, createCollective, createExchange, exchangeBytes } from './collective-times.ts'
import { createExperts } from './expert-times.ts'
import { createGemm, type GemmTime } from './gemm-times.ts'
import type { KernelData, TimeGrid } from './kernel-data.ts'
import type { GpuKernels } from './kernel-model.ts'
import {
  type ExpertFormat,
  type GemmFormat,
  KV_BYTES,
  type KvFormat,
  ratesOf,
  referenceGpuOf,
  WEIGHT_BYTES,
} from './roofline.ts'

/**
 * SGLang's expert kernels are chosen by its flags. vLLM takes the fastest of those it shares with the others, and
 * TensorRT-LLM's own are not in its tables: for these two the fastest of all engines count.
 */
const KEEPS_ITS_KERNELS: ReadonlySet<string> = new Set(['sglang'])

/** Formats whose measurements stand in, in this order, where a GPU has none of the format's own. */
const STAND_INS: Readonly<Record<ExpertFormat, readonly ExpertFormat[]>> = {
  bf16: ['bf16'],
  fp8: ['fp8', 'bf16'],
  'fp8-block': ['fp8-block', 'fp8', 'bf16'],
  nvfp4: ['nvfp4', 'int4', 'bf16'],
  int8: ['int8', 'fp8', 'bf16'],
  int4: ['int4', 'bf16'],
  'mxfp4-w4a16': ['mxfp4-w4a16', 'int4', 'bf16'],
  'mxfp4-w4a8': ['mxfp4-w4a8', 'mxfp4-w4a16', 'int4', 'bf16'],
}
/** Products with integer weights were measured on few GPUs: whose stand in for the others of their kind. */
const INTEGER_GPUS: Readonly<Record<string, string>> = {
  'H100-SXM-80GB': 'H200-SXM-141GB',
  'B200-SXM-180GB': 'H200-SXM-141GB',
  'B300-SXM-288GB': 'H200-SXM-141GB',
  GB200: 'H200-SXM-141GB',
  GB300: 'H200-SXM-141GB',
  'RTX-PRO-6000-96GB': 'L40S-48GB',
}
/** Stand-in for what only data-centre GPUs of NVIDIA were measured at. */
const GENERAL_GPU = 'H100-SXM-80GB'
/** Host without scale-up links whose bus is sound; L40S hosts reach a tenth of it. */
const BUS_GPU = 'RTX-PRO-6000-96GB'
/** GPUs linked at least so many together exchange tokens directly; others gather and scatter. */
const LINKED_GPUS = 4

interface Lookup {
  data: KernelData
  gpu: GpuSpec
  /** The measured GPU that stands for this one. */
  reference: string
  specOf(id: string): GpuSpec
  /** What the reference measured, else the general GPU. */
  pick<Value>(byGpu: Readonly<Record<string, Value>>, what: string): { from: GpuSpec; value: Value }
}

export function createGpuKernels(data: KernelData, catalogue: ReadonlyMap<string, GpuSpec>, gpu: GpuSpec): GpuKernels {
  const reference = referenceGpuOf(gpu, (id) => data.gemm[id] !== undefined)
  const specOf = (id: string): GpuSpec => need(catalogue.get(id), `no GPU ${id}`)
  const lookup: Lookup = {
    data,
    gpu,
    reference,
    specOf,
    pick(byGpu, what) {
      const id = byGpu[reference] === undefined ? GENERAL_GPU : reference
      return { from: specOf(id), value: need(byGpu[id], `no ${what} of ${id}`) }
    },
  }
  return {
    gpu,
    ...bindProducts(lookup),
    ...bindAttention(lookup),
    ...bindCollectives(lookup),
  }
}

function bindProducts({ data, gpu, reference, specOf, pick }: Lookup): Pick<GpuKernels, 'gemm' | 'experts'> {
  const gemms = new Map<GemmFormat, GemmTime>()
  const bind = (format: GemmFormat): GemmTime => {
    for (const candidate of STAND_INS[format]) {
      for (const id of [reference, INTEGER_GPUS[reference] ?? reference]) {
        const grid = isInteger(candidate) || id === reference ? data.gemm[id]?.[candidate] : undefined
        if (grid) return createGemm(grid, { gpu: specOf(id), format: candidate }, { gpu, format })
      }
    }
    throw incomplete(`no bf16 products of ${reference}`)
  }
  return {
    gemm(format) {
      const bound = gemms.get(format) ?? bind(format)
      gemms.set(format, bound)
      return bound
    },
    experts(format, shape, engine) {
      const { value: byFormat } = pick(data.experts, 'experts')
      const measured = STAND_INS[format].find((candidate) => byFormat[candidate] !== undefined) ?? format
      const families = need(byFormat[measured], `no experts of ${reference}`)
      const own = KEEPS_ITS_KERNELS.has(engine) ? families.filter((family) => family.engine === engine) : []
      return createExperts(own.length > 0 ? own : families, ratesOf(gpu, format), WEIGHT_BYTES[format], shape)
    },
  }
}

type AttentionKernels = Pick<GpuKernels, 'decodeAttention' | 'latentDecode' | 'prefillAttention' | 'latentPrefill'>

function bindAttention({ data: { attention }, gpu, pick }: Lookup): AttentionKernels {
  const bf16 = ratesOf(gpu, 'bf16')
  const sources = (grids: Readonly<Record<string, Readonly<Record<string, TimeGrid>>>>, kv: KvFormat, what: string) => {
    const { from, value } = pick(grids, what)
    const format: KvFormat = value[kv] ? kv : 'bf16'
    return {
      grid: need(value[format], `no ${what} of ${from.id}`),
      there: { rates: ratesOf(from, 'bf16'), kvBytes: KV_BYTES[format] } satisfies AttentionSource,
      here: { rates: bf16, kvBytes: KV_BYTES[kv] } satisfies AttentionSource,
    }
  }
  return {
    decodeAttention(kv, heads, kvHeads, headDim) {
      const { grid, there, here } = sources(attention.decode, kv, 'decode attention')
      return createDecodeAttention(grid, there, here, { heads, kvHeads, headDim })
    },
    latentDecode(kv, heads) {
      const { grid, there, here } = sources(attention.latent_decode, kv, 'latent decode')
      return createLatentDecode(grid, there, here, heads)
    },
    prefillAttention(heads, kvHeads, headDim) {
      const { from, value } = pick(attention.prefill, 'prefill attention')
      return createPrefillAttention(value, ratesOf(from, 'bf16'), bf16, { heads, kvHeads, headDim })
    },
    latentPrefill(heads) {
      const { from, value } = pick(attention.latent_prefill, 'latent prefill')
      return createLatentPrefill(value, ratesOf(from, 'bf16'), bf16, heads)
    },
  }
}

type CollectiveKernels = Pick<GpuKernels, 'allReduce' | 'expertExchange'>

function bindCollectives({ data: { collectives }, gpu, reference, specOf }: Lookup): CollectiveKernels {
  const measuredAt = (id: string, kind: string) => ({
    gpu: specOf(id),
    curves: need(collectives[id]?.[kind], `no ${kind} of ${id}`),
  })
  const bind = (kind: string, crossings: number, gpus: number): CollectiveTime =>
    createCollective({ gpu, reference: measuredAt(reference, kind), bus: measuredAt(BUS_GPU, kind), crossings }, gpus)
  return {
    allReduce: (gpus) => bind('all_reduce', 2, gpus),
    expertExchange(group) {
      const { gpus, hidden } = group
      if (gpu.scale_up_domain_gpus < LINKED_GPUS) {
        const [gather, scatter] = [bind('all_gather', 1, gpus), bind('reduce_scatter', 1, gpus)]
        return (tokens) => gather(tokens * gpus * hidden * 2) + scatter(tokens * gpus * hidden * 2)
      }
      // Across hosts the network rules, which was measured at the general GPU alone.
      const isMeasured = gpus <= gpu.scale_up_domain_gpus && collectives[reference]?.expert_exchange !== undefined
      const time = createExchange(gpu, measuredAt(isMeasured ? reference : GENERAL_GPU, 'expert_exchange'), gpus)
      const tokenBytes = exchangeBytes(group)
      return (tokens) => time(tokens * tokenBytes)
    },
  }
}

function need<Value>(value: Value | undefined, missing: string): Value {
  if (value === undefined) throw incomplete(missing)
  return value
}

const incomplete = (missing: string) => failed(`The kernel measurements are incomplete: ${missing}`)
const isInteger = (format: ExpertFormat): boolean => format === 'int8' || format === 'int4'
