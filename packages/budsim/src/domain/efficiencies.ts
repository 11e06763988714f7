/**
 * How much of its datasheet a GPU reaches in serving, and what engines add around the kernels: the only constants of
 * the physics. Shares are of dense peak compute and of peak bandwidth, from measured kernels (data/README.md, "kernel
 * efficiencies") and the calibration of the predictor study; times as units say.
 */
import type { EngineName, GpuSpec, ModelFacts, WeightPrecision } from '@bud/kernel'

export interface GpuEfficiency {
  gemmCompute: { bf16: number; fp8: number; fp4: number; int8: number }
  gemmBandwidth: number
  decodeAttentionBandwidth: number
  prefillAttentionCompute: number
  expertBandwidth: number
  expertCompute: number
  /** Start-up and hand-over of one all-reduce between GPUs of a scale-up domain. */
  allReduceStartUs: number
}

const AMPERE: GpuEfficiency = {
  gemmCompute: { bf16: 0.81, fp8: 0.81, fp4: 0.7, int8: 0.6 },
  gemmBandwidth: 0.78,
  decodeAttentionBandwidth: 0.74,
  prefillAttentionCompute: 0.6,
  expertBandwidth: 0.7,
  expertCompute: 0.5,
  allReduceStartUs: 6,
}
const HOPPER: GpuEfficiency = {
  gemmCompute: { bf16: 0.75, fp8: 0.57, fp4: 0.6, int8: 0.57 },
  gemmBandwidth: 0.85,
  decodeAttentionBandwidth: 0.88,
  prefillAttentionCompute: 0.57,
  expertBandwidth: 0.72,
  expertCompute: 0.45,
  allReduceStartUs: 6,
}
const ADA: GpuEfficiency = {
  gemmCompute: { bf16: 0.62, fp8: 0.55, fp4: 0.55, int8: 0.55 },
  gemmBandwidth: 0.82,
  decodeAttentionBandwidth: 0.82,
  prefillAttentionCompute: 0.54,
  expertBandwidth: 0.74,
  expertCompute: 0.35,
  allReduceStartUs: 15,
}
const BLACKWELL: GpuEfficiency = {
  gemmCompute: { bf16: 0.68, fp8: 0.6, fp4: 0.42, int8: 0.5 },
  gemmBandwidth: 0.81,
  decodeAttentionBandwidth: 0.88,
  prefillAttentionCompute: 0.53,
  expertBandwidth: 0.72,
  expertCompute: 0.42,
  allReduceStartUs: 6,
}
/** Accelerators without measured kernels here: a cautious middle. */
const OTHER: GpuEfficiency = {
  gemmCompute: { bf16: 0.5, fp8: 0.45, fp4: 0.35, int8: 0.45 },
  gemmBandwidth: 0.68,
  decodeAttentionBandwidth: 0.65,
  prefillAttentionCompute: 0.4,
  expertBandwidth: 0.55,
  expertCompute: 0.35,
  allReduceStartUs: 12,
}

const BY_ARCHITECTURE: Readonly<Record<string, GpuEfficiency>> = {
  Volta: { ...AMPERE, gemmCompute: { bf16: 0.65, fp8: 0.65, fp4: 0.5, int8: 0.65 }, prefillAttentionCompute: 0.4 },
  Turing: { ...AMPERE, gemmCompute: { bf16: 0.6, fp8: 0.6, fp4: 0.5, int8: 0.5 }, prefillAttentionCompute: 0.4 },
  Ampere: AMPERE,
  Ada: ADA,
  Hopper: HOPPER,
  Blackwell: BLACKWELL,
  'Blackwell Ultra': BLACKWELL,
}

export const efficiencyOf = (gpu: GpuSpec): GpuEfficiency => BY_ARCHITECTURE[gpu.architecture] ?? OTHER

/** Fixed costs of kernels and collectives. */
export const KERNEL = {
  /** By arithmetic: narrow formats quantise their inputs first. */
  gemmStartUs: { bf16: 3, fp8: 5, fp4: 7, int8: 5 },
  decodeAttentionStartUs: 8,
  prefillAttentionStartUs: 10,
  /** Decode attention is far from peak compute: this many times its ideal. */
  decodeAttentionComputeFactor: 4,
  latentPrefillFactor: 1.6,
  expertStartUs: 22,
  expertTokenTrafficBytes: 12,
  routerStartUs: 6,
  /** Norms, rotary, activation and residual of one layer. */
  elementwiseUsPerLayer: 8,
  elementwiseBytesPerHidden: 24,
  recurrentStartUs: 25,
  recurrentPrefillCompute: 0.15,
  /** Share of a link's one-direction bandwidth that a ring all-reduce reaches. */
  linkBandwidth: 0.7,
  pcieAllReduceStartUs: 15,
  pipelineHandoverUs: 20,
  /** Uneven stages and bubbles of a full pipeline; old static-batch measurements lose more, up to 1.7. */
  pipelineBubble: 1.25,
  /** PCIe 4 × 16, for accelerators whose row states no link at all. */
  fallbackLinkGbPerS: 32,
} as const

/** Scheduler, sampling and detokenising per step; study: 0.28 ms + 3 µs a layer + 3 µs a sequence. */
export const STEP_HOST_MS = { base: 0.28, perLayer: 0.003, perSequence: 0.003 } as const

export interface EngineCosts {
  /** Scales the eager launch of prefill kernels. */
  prefillLaunchFactor: number
  /** Accepting, tokenising, scheduling and streaming the first token of a request. */
  requestMs: number
  /** How far the prompts of other running requests delay a first token, per running request and prefill time. */
  prefillContention: number
}

/** Predictor study, section 4: fitted on closed-loop measurements. */
export const ENGINE_COSTS: Readonly<Record<EngineName, EngineCosts>> = {
  vllm: { prefillLaunchFactor: 0.76, requestMs: 17, prefillContention: 0.094 },
  'tensorrt-llm': { prefillLaunchFactor: 1.02, requestMs: 52, prefillContention: 0.096 },
  sglang: { prefillLaunchFactor: 2.0, requestMs: 80, prefillContention: 0.16 },
}

/** Milliseconds per layer to launch a prefill's kernels from Python: more of them for experts and latent attention. */
export const prefillLaunchMsPerLayer = (facts: ModelFacts): number => 0.4 + (facts.mla ? 1.56 : facts.experts ? 0.6 : 0)

/** Peak of the arithmetic that weights of this precision run in, TFLOP/s: weight-only formats compute in bf16. */
export function computePeak(
  gpu: GpuSpec,
  precision: WeightPrecision,
): { tflops: number; share: keyof GpuEfficiency['gemmCompute'] } {
  const bf16 = { tflops: gpu.bf16_tflops, share: 'bf16' } as const
  switch (precision) {
    case 'fp8':
      return gpu.fp8_tflops === null ? bf16 : { tflops: gpu.fp8_tflops, share: 'fp8' }
    case 'fp4':
      return gpu.fp4_tflops === null ? bf16 : { tflops: gpu.fp4_tflops, share: 'fp4' }
    case 'mxfp4':
      // 4-bit weights with 8-bit activations where the GPU has 4-bit units, else weight-only.
      return gpu.fp4_tflops === null || gpu.fp8_tflops === null ? bf16 : { tflops: gpu.fp8_tflops, share: 'fp8' }
    case 'int8':
      return gpu.int8_tops === null ? bf16 : { tflops: gpu.int8_tops, share: 'int8' }
    case 'fp32':
      return { tflops: gpu.bf16_tflops / 2, share: 'bf16' }
    default:
      return bf16
  }
}
