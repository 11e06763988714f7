/** Kernel times of any GPU: measured ones where there are measurements, else carried over from a GPU alike. */
import { failed, type GpuSpec } from '@bud/kernel'
import type { ExpertGroup } from './collective-times.ts'
import type { ExpertShape } from './expert-times.ts'
import type { GemmTime } from './gemm-times.ts'
import { createGpuKernels } from './gpu-kernels.ts'
import type { KernelData } from './kernel-data.ts'
import type { ExpertFormat, GemmFormat, KvFormat } from './roofline.ts'

/**
 * Best-case steady kernel times of one GPU, in microseconds: no scheduler, no host gaps. Bind once, call often. Heads
 * are those on this GPU.
 */
export interface GpuKernels {
  readonly gpu: GpuSpec
  /** y[m,n] = x[m,k]·w[k,n]; quantising the bf16 inputs included. */
  gemm(format: GemmFormat): GemmTime
  /** One new token per sequence. */
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
  /** Fused routed experts of one GPU as the engine runs them; `tokens` are those of the whole expert-parallel group. */
  experts(format: ExpertFormat, shape: ExpertShape, engine: string): (tokens: number) => number
  /** Sum over `gpus` GPUs of a message of so many bytes. */
  allReduce(gpus: number): (bytes: number) => number
  /** Sending each GPU's tokens to their experts' GPUs (fp8) and the results back (bf16). */
  expertExchange(group: ExpertGroup): (tokensPerGpu: number) => number
}

export interface KernelModel {
  /** Any well-formed GPU gets an answer; cached per object. */
  forGpu(gpu: GpuSpec): GpuKernels
}

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
