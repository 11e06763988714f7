/**
 * Kernel times of one pass through all layers on one GPU of a tensor-parallel group, in microseconds. Formulas and
 * constants: predictor study, section 4, with fixed efficiencies per GPU architecture.
 */
import type { GpuSpec, ModelFacts, WeightPrecision } from '@bud/kernel'
import { computePeak, efficiencyOf, KERNEL } from './efficiencies.ts'
import { kvBytesPerTokenLayer, type ModelShape, recurrentStateBytes } from './model-shape.ts'

export interface Layout {
  tensorParallelSize: number
  pipelineParallelSize: number
  kvBytesPerElement: number
}

export interface Pass {
  /** Prompt tokens in the pass, of sequences that contribute `prefillSequenceTokens` each. */
  prefillTokens: number
  prefillSequenceTokens: number
  prefillContextTokens: number
  decodeSequences: number
  meanContextTokens: number
}

export interface LayerCosts {
  passUs(pass: Pass): number
}

/** A matrix product y[m,n] = x[m,k]·w[k,n] that a pass does `times` times; microseconds per token and fixed ones. */
interface Gemm {
  times: number
  startUs: number
  computeUsPerToken: number
  weightUs: number
  activationUsPerToken: number
}

const HALF_PRECISION_BYTES = 2
/** Latent attention at decode: each head reads the compressed vector (rank + rope) and its rank again for the values. */
const LATENT_DECODE_FLOPS_PER_TOKEN = 1088
const LATENT_PREFILL_FLOPS_PER_PAIR = 320

export function createLayerCosts(facts: ModelFacts, shape: ModelShape, gpu: GpuSpec, layout: Layout): LayerCosts {
  const gemms = listGemms(facts, shape, gpu, layout.tensorParallelSize)
  const head = outputHead(facts, gpu, layout.tensorParallelSize)
  const decodeAttentionUs = createDecodeAttention(facts, shape, gpu, layout)
  const prefillAttentionUs = createPrefillAttention(facts, shape, gpu, layout)
  const expertsUs = createExperts(facts, shape, gpu, layout)
  const allReduceUs = createAllReduce(facts, gpu, layout)
  const bandwidth = gpu.memory_bandwidth_gb_s * 1e3
  const elementwisePerToken = (KERNEL.elementwiseBytesPerHidden * facts.hidden_size) / bandwidth
  return {
    passUs(pass) {
      const tokens = Math.max(pass.prefillTokens + pass.decodeSequences, 1)
      let us = 0
      for (const gemm of gemms) us += gemm.times * gemmUs(gemm, tokens)
      const sampled = pass.decodeSequences + pass.prefillTokens / Math.max(pass.prefillSequenceTokens, 1)
      us += gemmUs(head, Math.max(sampled, 1))
      if (pass.decodeSequences > 0) us += decodeAttentionUs(pass.decodeSequences, pass.meanContextTokens)
      if (pass.prefillTokens > 0) us += prefillAttentionUs(pass)
      us += expertsUs(tokens)
      us += allReduceUs(tokens)
      return us + facts.layers * (KERNEL.elementwiseUsPerLayer + elementwisePerToken * tokens)
    },
  }
}

/** Compute and memory time together: the larger one, rounded off around the ridge (4-norm). */
function gemmUs(gemm: Gemm, tokens: number): number {
  const compute = gemm.computeUsPerToken * tokens
  const memory = gemm.weightUs + gemm.activationUsPerToken * tokens
  return gemm.startUs + norm4(compute, memory)
}

function norm4(a: number, b: number): number {
  const a2 = a * a
  const b2 = b * b
  return Math.sqrt(Math.sqrt(a2 * a2 + b2 * b2))
}

function createGemm(
  gpu: GpuSpec,
  precision: WeightPrecision,
  matrix: { times: number; outputs: number; inputs: number; weightBytes: number },
): Gemm {
  const { times, outputs, inputs, weightBytes } = matrix
  const efficiency = efficiencyOf(gpu)
  const peak = computePeak(gpu, precision)
  const bandwidth = gpu.memory_bandwidth_gb_s * 1e3 * efficiency.gemmBandwidth
  return {
    times,
    startUs: KERNEL.gemmStartUs[peak.share],
    computeUsPerToken: (2 * outputs * inputs) / (peak.tflops * 1e6 * efficiency.gemmCompute[peak.share]),
    weightUs: (outputs * inputs * weightBytes) / bandwidth,
    activationUsPerToken: ((outputs + inputs) * HALF_PRECISION_BYTES) / bandwidth,
  }
}

function listGemms(facts: ModelFacts, shape: ModelShape, gpu: GpuSpec, tensorParallel: number): Gemm[] {
  const hidden = facts.hidden_size
  const inHalf = facts.weight_precision === 'mxfp4'
  const precision: WeightPrecision = inHalf ? 'bf16' : facts.weight_precision
  const weightBytes = shape.layerWeightBytes
  const gemms: Gemm[] = []
  const add = (times: number, outputs: number, inputs: number) => {
    if (times <= 0 || outputs <= 0) return
    gemms.push(createGemm(gpu, precision, { times, outputs: outputs * shape.correction, inputs, weightBytes }))
  }
  // Widths as seen by one GPU, from the parameters of each part ÷ the hidden size.
  const { sharded, keyValue, replicated } = shape.attention
  const keyValueWidth = (keyValue / hidden) * Math.max(1 / tensorParallel, 1 / facts.kv_heads)
  const half = sharded / hidden / tensorParallel / 2
  add(facts.layers, half + keyValueWidth + replicated / hidden, hidden)
  add(facts.layers, half, hidden)
  if (facts.mla) add(facts.layers, 128, hidden)
  const dense = shape.denseParameters / 3 / hidden / tensorParallel
  add(shape.denseLayers, 2 * dense, hidden)
  add(shape.denseLayers, hidden, dense)
  const shared = shape.sharedExpertParameters / 3 / hidden / tensorParallel
  add(shared > 0 ? shape.expertLayers : 0, 2 * shared, hidden)
  add(shared > 0 ? shape.expertLayers : 0, hidden, shared)
  return gemms
}

function outputHead(facts: ModelFacts, gpu: GpuSpec, tensorParallel: number): Gemm {
  return createGemm(gpu, 'bf16', {
    times: 1,
    outputs: facts.vocab_size / tensorParallel,
    inputs: facts.hidden_size,
    weightBytes: HALF_PRECISION_BYTES,
  })
}

function createDecodeAttention(facts: ModelFacts, shape: ModelShape, gpu: GpuSpec, layout: Layout) {
  const efficiency = efficiencyOf(gpu)
  const bandwidth = gpu.memory_bandwidth_gb_s * 1e3
  const peak = gpu.bf16_tflops * 1e6
  const heads = Math.max(facts.attention_heads / layout.tensorParallelSize, 1)
  const bytes = kvBytesPerTokenLayer(facts, layout.tensorParallelSize, layout.kvBytesPerElement)
  const memoryUs = bytes / (bandwidth * efficiency.decodeAttentionBandwidth)
  const flops = facts.mla ? 2 * heads * LATENT_DECODE_FLOPS_PER_TOKEN : 4 * heads * facts.head_dim
  const computeFactor = facts.mla ? 1.2 : KERNEL.decodeAttentionComputeFactor
  const computeUs = (flops / peak) * computeFactor
  const stateUs =
    (2 * recurrentStateBytes(facts)) / layout.tensorParallelSize / (bandwidth * efficiency.decodeAttentionBandwidth)
  const layerUs = (cached: number) => KERNEL.decodeAttentionStartUs + norm4(cached * memoryUs, cached * computeUs)
  const sparse = isSparseAttention(facts)
  return (sequences: number, whole: number): number => {
    const context = sparse ? Math.min(whole, SPARSE.keptTokens) + whole * SPARSE.indexShare : whole
    const window = facts.sliding_window === null ? context : Math.min(context, facts.sliding_window)
    return (
      shape.fullLayers * (layerUs(sequences * context) + (sparse ? SPARSE.indexerUs : 0)) +
      (shape.windowLayers > 0 ? shape.windowLayers * layerUs(sequences * window) : 0) +
      (shape.recurrentLayers > 0 ? shape.recurrentLayers * (KERNEL.recurrentStartUs + sequences * stateUs) : 0)
    )
  }
}

function createPrefillAttention(facts: ModelFacts, shape: ModelShape, gpu: GpuSpec, layout: Layout) {
  const efficiency = efficiencyOf(gpu)
  const peak = gpu.bf16_tflops * 1e6
  const heads = Math.max(facts.attention_heads / layout.tensorParallelSize, 1)
  const pairUs = facts.mla
    ? ((2 * heads * LATENT_PREFILL_FLOPS_PER_PAIR) / peak) * KERNEL.latentPrefillFactor
    : (4 * heads * facts.head_dim) / (peak * efficiency.prefillAttentionCompute)
  const recurrentUsPerToken =
    (6 * 128 * 2 * facts.hidden_size) / layout.tensorParallelSize / (KERNEL.recurrentPrefillCompute * peak)
  return ({ prefillTokens: tokens, prefillSequenceTokens: length, prefillContextTokens: cached }: Pass): number => {
    // Query-key pairs of a causal chunk behind `cached` tokens, per token of the pass.
    const pairs = cached + length / 2
    const window = facts.sliding_window ?? Number.POSITIVE_INFINITY
    const windowPairs = Math.min(pairs, window)
    return (
      shape.fullLayers * (KERNEL.prefillAttentionStartUs + tokens * pairs * pairUs) +
      (shape.windowLayers > 0
        ? shape.windowLayers * (KERNEL.prefillAttentionStartUs + tokens * windowPairs * pairUs)
        : 0) +
      shape.recurrentLayers * (KERNEL.recurrentStartUs + tokens * recurrentUsPerToken)
    )
  }
}

/** DeepSeek-V3.2 and GLM-5 attend to 2048 tokens that a small indexer picks from the whole context. */
const SPARSE = { keptTokens: 2048, indexShare: 0.06, indexerUs: 45 } as const

const isSparseAttention = (facts: ModelFacts): boolean =>
  /^(deepseek[_-]v3[_.]?2|glm[_-]moe[_-]dsa)/.test(facts.architecture)

/** Fused experts: reading those that some token visits, their arithmetic, and moving tokens to and fro. */
function createExperts(facts: ModelFacts, shape: ModelShape, gpu: GpuSpec, layout: Layout) {
  const { experts } = facts
  if (!experts || shape.expertLayers === 0) return () => 0
  const efficiency = efficiencyOf(gpu)
  const bandwidth = gpu.memory_bandwidth_gb_s * 1e3
  const peak = computePeak(gpu, facts.weight_precision)
  const expert = shape.expertParameters / layout.tensorParallelSize
  const readAllUs = (expert * experts.count * shape.expertWeightBytes) / (bandwidth * efficiency.expertBandwidth)
  const computeUsPerToken = (2 * expert * experts.per_token) / (peak.tflops * 1e6 * efficiency.expertCompute)
  const trafficUsPerToken = (experts.per_token * facts.hidden_size * KERNEL.expertTokenTrafficBytes) / bandwidth
  const missShare = 1 - Math.min(experts.per_token / experts.count, 1)
  const router = createGemm(gpu, 'bf16', {
    times: 1,
    outputs: Math.max(experts.count, 128),
    inputs: facts.hidden_size,
    weightBytes: HALF_PRECISION_BYTES,
  })
  return (tokens: number): number => {
    const read = readAllUs * (1 - missShare ** tokens)
    const fused = KERNEL.expertStartUs + Math.hypot(read, computeUsPerToken * tokens) + trafficUsPerToken * tokens
    return shape.expertLayers * (fused + gemmUs(router, tokens) + KERNEL.routerStartUs)
  }
}

/** Two per layer inside the tensor-parallel group, and the hand-over between pipeline stages. */
function createAllReduce(facts: ModelFacts, gpu: GpuSpec, layout: Layout) {
  const { tensorParallelSize: gpus, pipelineParallelSize: stages } = layout
  const pcie = gpu.pcie_bandwidth_gb_s ?? KERNEL.fallbackLinkGbPerS
  const inside = gpus <= gpu.scale_up_domain_gpus
  const link = (inside ? (gpu.scale_up_bandwidth_gb_s ?? pcie) : pcie) * 1e3
  const startUs = inside ? efficiencyOf(gpu).allReduceStartUs : KERNEL.pcieAllReduceStartUs
  const tokenBytes = facts.hidden_size * HALF_PRECISION_BYTES
  const perTokenUs = ((2 * (gpus - 1)) / gpus) * (tokenBytes / (link * KERNEL.linkBandwidth))
  const handoverPerTokenUs = tokenBytes / (pcie * 1e3 * KERNEL.linkBandwidth)
  return (tokens: number): number =>
    (gpus > 1 ? 2 * facts.layers * (startUs + perTokenUs * tokens) : 0) +
    (stages - 1) * (KERNEL.pipelineHandoverUs + handoverPerTokenUs * tokens)
}
