/**
 * Kernel times of one pass through all layers of a replica, part by part: the composition of measured kernels
 * (predictor study, section 4). Times are microseconds on one GPU of the tensor-parallel group.
 */
import type { ModelFacts } from '@bud/kernel'
import type { GemmTime } from '../kernels/gemm-times.ts'
import type { GpuKernels, KernelModel } from '../kernels/kernel-model.ts'
import type { GemmFormat } from '../kernels/roofline.ts'
import { type ModelShape, recurrentStateBytes } from '../model-shape.ts'
import type { ReplicaBuild } from './serving-case.ts'

export interface PassParts {
  gemm: number
  attention: number
  experts: number
  collective: number
  elementwise: number
}

export interface ReplicaPasses {
  /**
   * One step for `sequences` on an attention rank that hold `context` tokens each; with speculation each brings
   * `tokensPerSequence`: those drafted and one more.
   */
  decode(sequences: number, context: number, tokensPerSequence?: number): PassParts
  /** `sequences` prompts of `tokens` new tokens behind `cached` ones. */
  prefill(sequences: number, tokens: number, cached: number): PassParts
}

const HALF_PRECISION_BYTES = 2
const MLA = { queryRank: 1536, valueDim: 128, absorbUs: 8 } as const
/** Gated-delta-net projections against those of plain attention. */
const LINEAR_ATTENTION = { projection: 1.6, output: 1.3 } as const
const RECURRENT = { decodeStartUs: 25, prefillStartUs: 20, prefillCompute: 0.15, flopsPerHeadToken: 6 * 128 * 128 }
const ELEMENTWISE = { usPerLayer: 8, bytesPerHidden: 24 } as const
/** Several queries of a sequence share the reading of its cache. */
const SPECULATIVE_ATTENTION = 1.3
const QUANTISE = { fp4Us: 1, staticFp8Us: 1.5, leastShare: 0.6 } as const
const ROUTER_START_US = 6
const PIPELINE_HANDOVER_US = 20
/** An encoder-decoder runs its decoder alone per token and attends to its encoder as well. */
const ENCODER_DECODER = { gemm: 0.65, attention: 1.5 } as const
/** Dynamic sparse attention keeps 2048 tokens that an indexer picks from the whole context. */
const SPARSE = { keptTokens: 2048, indexShare: 0.06, prefillIndexShare: 0.1, sglangUs: 30, otherUs: 60 } as const

export const isSparseAttention = (facts: ModelFacts): boolean =>
  /^(deepseek[_-]v3[_.]?2|glm[_-]moe[_-]dsa)/.test(facts.architecture)

const isEncoderDecoder = (facts: ModelFacts): boolean => facts.architecture === 't5'

export function createReplicaPasses(build: ReplicaBuild, shape: ModelShape, model: KernelModel): ReplicaPasses {
  const kernels = model.forGpu(build.gpu)
  const projectionsUs = createProjections(build, kernels)
  const feedForwardUs = createFeedForward(build, shape, kernels)
  const headUs = createOutputHead(build, kernels)
  const expertsUs = createExperts(build, shape, kernels)
  const decodeAttentionUs = createDecodeAttention(build, shape, kernels)
  const prefillAttentionUs = createPrefillAttention(build, shape, kernels)
  const collectiveUs = createCollectives(build, shape, kernels)
  const { facts, gpu } = build
  const correction = isEncoderDecoder(facts) ? ENCODER_DECODER.gemm : shape.correction
  const elementwisePerToken = (ELEMENTWISE.bytesPerHidden * facts.hidden_size) / (gpu.memory_bandwidth_gb_s * 1e3)
  const common = (tokens: number, sampled: number, decoding: boolean) => ({
    gemm:
      correction * (projectionsUs(tokens, decoding) + feedForwardUs.dense(tokens)) +
      feedForwardUs.expert(tokens) +
      headUs(sampled),
    experts: expertsUs(tokens),
    collective: collectiveUs(tokens),
    elementwise: facts.layers * (ELEMENTWISE.usPerLayer + elementwisePerToken * tokens),
  })
  return {
    decode(sequences, context, tokensPerSequence = 1) {
      const running = Math.max(sequences, 1)
      const tokens = running * tokensPerSequence
      const attention = decodeAttentionUs(running, Math.max(context, 1))
      return {
        ...common(tokens, tokens, true),
        attention: tokensPerSequence > 1 ? attention * SPECULATIVE_ATTENTION : attention,
      }
    },
    prefill(sequences, tokens, cached) {
      const all = Math.max(sequences * tokens, 1)
      return { ...common(all, Math.max(sequences, 1), false), attention: prefillAttentionUs(sequences, tokens, cached) }
    },
  }
}

export const totalUs = (parts: PassParts): number =>
  parts.gemm + parts.attention + parts.experts + parts.collective + parts.elementwise

/**
 * Measured products beside served ones: 4-bit ones quantise activations once more, TensorRT-LLM's FP8 checkpoints have
 * static scales that are fused into the product before.
 */
function servedGemm({ engine }: ReplicaBuild, kernels: GpuKernels, format: GemmFormat): GemmTime {
  const gemm = kernels.gemm(format)
  if (format === 'nvfp4') return (m, n, k) => gemm(m, n, k) + QUANTISE.fp4Us
  if (format !== 'fp8' || engine !== 'tensorrt-llm') return gemm
  return (m, n, k) => {
    const us = gemm(m, n, k)
    return Math.max(us - QUANTISE.staticFp8Us, QUANTISE.leastShare * us)
  }
}

function createProjections(build: ReplicaBuild, kernels: GpuKernels) {
  const { facts, formats, layout } = build
  const gemm = servedGemm(build, kernels, formats.attention)
  const hidden = facts.hidden_size
  const heads = Math.max(facts.attention_heads / layout.tensorParallel, 1)
  if (facts.mla) {
    const { kv_lora_rank: rank, qk_rope_head_dim: rope } = facts.mla
    const down = MLA.queryRank + rank + rope
    return (tokens: number, decoding: boolean): number =>
      facts.layers *
      (gemm(tokens, down, hidden) +
        gemm(tokens, heads * facts.head_dim, MLA.queryRank) +
        // Decoding absorbs the up-projection of keys and values into small batched products.
        (decoding ? MLA.absorbUs : gemm(tokens, heads * 2 * MLA.valueDim, rank)) +
        gemm(tokens, hidden, heads * MLA.valueDim))
  }
  const keyValueHeads = Math.max(facts.kv_heads / layout.tensorParallel, 1)
  const linear = facts.attention === 'hybrid-linear'
  const inputWidth = (heads + 2 * keyValueHeads) * facts.head_dim * (linear ? LINEAR_ATTENTION.projection : 1)
  const outputWidth = heads * facts.head_dim * (linear ? LINEAR_ATTENTION.output : 1)
  return (tokens: number): number =>
    facts.layers * (gemm(tokens, inputWidth, hidden) + gemm(tokens, hidden, outputWidth))
}

/** Dense MLPs, and what stands beside the experts of expert layers: shared experts and the router. */
function createFeedForward(build: ReplicaBuild, shape: ModelShape, kernels: GpuKernels) {
  const { facts, formats, layout } = build
  const gemm = servedGemm(build, kernels, formats.dense)
  const half = kernels.gemm('bf16')
  const hidden = facts.hidden_size
  const mlpUs = (tokens: number, width: number): number =>
    gemm(tokens, 2 * width, hidden) + gemm(tokens, hidden, Math.max(width, 1))
  const dense = facts.intermediate_size / layout.tensorParallel
  const { experts } = facts
  const shared = experts ? (experts.intermediate_size * experts.shared) / layout.tensorParallel : 0
  return {
    dense: (tokens: number): number =>
      shape.denseLayers > 0 && dense > 0 ? shape.denseLayers * mlpUs(tokens, dense) : 0,
    expert: (tokens: number): number =>
      experts === null
        ? 0
        : shape.expertLayers *
          ((shared > 0 ? mlpUs(tokens, shared) : 0) +
            half(tokens, Math.max(experts.count, 128), hidden) +
            ROUTER_START_US),
  }
}

function createOutputHead({ facts, layout }: ReplicaBuild, kernels: GpuKernels) {
  const gemm = kernels.gemm('bf16')
  return (sampled: number): number => gemm(sampled, facts.vocab_size / layout.tensorParallel, facts.hidden_size)
}

/** Attention ranks hand their tokens to one set of experts. */
function createExperts({ facts, formats, layout, engine }: ReplicaBuild, shape: ModelShape, kernels: GpuKernels) {
  const { experts } = facts
  if (!experts || shape.expertLayers === 0) return () => 0
  const gpus = layout.tensorParallel * layout.dataParallel
  const expertParallel = Math.min(layout.expertParallel, gpus)
  const expertShape = {
    hidden: facts.hidden_size,
    intermediate: experts.intermediate_size,
    experts: experts.count,
    perToken: experts.per_token,
    tensorParallel: Math.max(gpus / expertParallel, 1),
    expertParallel,
  }
  const us = kernels.experts(formats.experts, expertShape, engine)
  return (tokens: number): number => shape.expertLayers * us(tokens * layout.dataParallel)
}

function createDecodeAttention(build: ReplicaBuild, shape: ModelShape, kernels: GpuKernels) {
  const { facts, formats, layout, gpu } = build
  const heads = Math.max(facts.attention_heads / layout.tensorParallel, 1)
  if (facts.mla) {
    const us = kernels.latentDecode(formats.kv, heads)
    if (!isSparseAttention(facts)) return (sequences: number, context: number) => facts.layers * us(sequences, context)
    const indexerUs = build.engine === 'sglang' ? SPARSE.sglangUs : SPARSE.otherUs
    return (sequences: number, context: number): number =>
      facts.layers * (us(sequences, Math.min(context, SPARSE.keptTokens) + context * SPARSE.indexShare) + indexerUs)
  }
  const us = kernels.decodeAttention(
    formats.kv,
    heads,
    Math.max(facts.kv_heads / layout.tensorParallel, 1),
    facts.head_dim,
  )
  const window = facts.sliding_window ?? Number.POSITIVE_INFINITY
  const stateUs = (2 * recurrentStateBytes(facts)) / layout.tensorParallel / (gpu.memory_bandwidth_gb_s * 1e3)
  const factor = isEncoderDecoder(facts) ? ENCODER_DECODER.attention : 1
  return (sequences: number, context: number): number =>
    factor *
    (shape.fullLayers * us(sequences, context) +
      (shape.windowLayers > 0 ? shape.windowLayers * us(sequences, Math.min(context, window)) : 0) +
      shape.recurrentLayers * (RECURRENT.decodeStartUs + sequences * stateUs))
}

function createPrefillAttention(build: ReplicaBuild, shape: ModelShape, kernels: GpuKernels) {
  const { facts, layout, gpu } = build
  const heads = Math.max(facts.attention_heads / layout.tensorParallel, 1)
  if (facts.mla) {
    const us = kernels.latentPrefill(heads)
    const sparse = isSparseAttention(facts)
    return (sequences: number, tokens: number, cached: number): number => {
      const share = sparse ? Math.min(1, SPARSE.keptTokens / (tokens + cached) + SPARSE.prefillIndexShare) : 1
      return facts.layers * us(sequences, tokens, cached) * share
    }
  }
  const us = kernels.prefillAttention(heads, Math.max(facts.kv_heads / layout.tensorParallel, 1), facts.head_dim)
  const window = facts.sliding_window ?? Number.POSITIVE_INFINITY
  const recurrentPerToken = (heads * RECURRENT.flopsPerHeadToken) / (RECURRENT.prefillCompute * gpu.bf16_tflops * 1e6)
  return (sequences: number, tokens: number, cached: number): number =>
    shape.fullLayers * us(sequences, tokens, cached, Number.POSITIVE_INFINITY) +
    (shape.windowLayers > 0 ? shape.windowLayers * us(sequences, tokens, cached, window) : 0) +
    shape.recurrentLayers * (RECURRENT.prefillStartUs + sequences * tokens * recurrentPerToken)
}

/** Two all-reduces per layer in the tensor-parallel group, the exchange with experts, the hand-over between stages. */
function createCollectives({ facts, layout }: ReplicaBuild, shape: ModelShape, kernels: GpuKernels) {
  const { tensorParallel, dataParallel, pipelineParallel } = layout
  const shared = dataParallel > 1
  const reduceUs = tensorParallel > 1 ? kernels.allReduce(tensorParallel) : () => 0
  const exchangeUs = shared
    ? kernels.expertExchange({
        hidden: facts.hidden_size,
        perToken: facts.experts?.per_token ?? 1,
        gpus: tensorParallel * dataParallel,
      })
    : () => 0
  const perToken = facts.hidden_size * HALF_PRECISION_BYTES
  const handoverUs = (pipelineParallel - 1) * PIPELINE_HANDOVER_US
  return (tokens: number): number =>
    2 * facts.layers * reduceUs(tokens * perToken) * (shared ? 0.5 : 1) +
    shape.expertLayers * exchangeUs(tokens) +
    handoverUs
}
