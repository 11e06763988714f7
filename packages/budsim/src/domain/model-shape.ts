/**
 * The algebra of a decoder: how many weights and cache bytes each part of a model has. Everything that asks
 * "how big" or "how fast" starts here, so that memory and speed never disagree about the model.
 */
import type { ModelFacts, WeightPrecision } from '@bud/kernel'

/** Bytes per weight, block scales included (int4 and mxfp4: one scale per 32–128 weights; fp4: one per 16). */
const BYTES_PER_WEIGHT: Record<WeightPrecision, number> = {
  fp32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  int8: 1,
  fp4: 0.5625,
  int4: 0.53,
  mxfp4: 0.53,
}
const HALF_PRECISION_BYTES = 2
/** DeepSeek-V3's query rank and value width, for latent-attention models whose facts do not say. */
const MLA_QUERY_RANK = 1536
const MLA_VALUE_DIM = 128
/** Linear-attention and Mamba-2 layers keep 2·hidden channels × 128 columns in fp32 per sequence. */
const RECURRENT_STATE_COLUMNS = 128
const RECURRENT_STATE_BYTES = 4
/** Gated-delta-net projections against those of plain attention (predictor study, section 4: QKV × 1.6, O × 1.3). */
const RECURRENT_PROJECTION_FACTOR = 1.5

/** Weights of one layer's attention, by what tensor parallelism does with them. */
export interface AttentionParameters {
  sharded: number
  /** Key and value projections: split by KV heads, replicated once there are more GPUs than KV heads. */
  keyValue: number
  replicated: number
}

export interface ModelShape {
  attention: AttentionParameters
  denseLayers: number
  denseParameters: number
  expertLayers: number
  expertParameters: number
  sharedExpertParameters: number
  routerParameters: number
  embeddingParameters: number
  outputHeadParameters: number
  recurrentLayers: number
  windowLayers: number
  fullLayers: number
  /** Stated parameters ÷ those the parts add up to. Dense layers scale with it (0.3–1.6); experts are exact. */
  correction: number
  layerWeightBytes: number
  expertWeightBytes: number
  embeddingWeightBytes: number
}

/** Parts of a model from its facts. Three-matrix MLPs are assumed; `correction` absorbs what differs. */
export function toModelShape(facts: ModelFacts): ModelShape {
  const { hidden_size: hidden, layers, experts } = facts
  const expertLayers = experts ? Math.max(layers - experts.dense_layers, 0) : 0
  const embedding = facts.vocab_size * hidden
  const windowLayers = facts.sliding_window === null ? 0 : Math.min(facts.sliding_window_layers, facts.attention_layers)
  const expertBytes = BYTES_PER_WEIGHT[facts.weight_precision]
  const shape: ModelShape = {
    attention: attentionParameters(facts),
    denseLayers: layers - expertLayers,
    denseParameters: 3 * hidden * facts.intermediate_size,
    expertLayers,
    expertParameters: experts ? 3 * hidden * experts.intermediate_size : 0,
    sharedExpertParameters: experts ? 3 * hidden * experts.intermediate_size * experts.shared : 0,
    routerParameters: experts ? hidden * experts.count : 0,
    embeddingParameters: embedding,
    outputHeadParameters: facts.tied_embeddings ? 0 : embedding,
    recurrentLayers: facts.attention.startsWith('hybrid') ? Math.max(layers - facts.attention_layers, 0) : 0,
    windowLayers,
    fullLayers: facts.attention_layers - windowLayers,
    correction: 1,
    // MXFP4 releases (gpt-oss) quantise the routed experts alone.
    layerWeightBytes: facts.weight_precision === 'mxfp4' && experts ? HALF_PRECISION_BYTES : expertBytes,
    expertWeightBytes: expertBytes,
    embeddingWeightBytes: Math.max(expertBytes, HALF_PRECISION_BYTES),
  }
  if (!experts) {
    const outside = embedding + shape.outputHeadParameters
    const inside = layers * attentionTotal(shape) + shape.denseLayers * shape.denseParameters
    shape.correction = clamp((facts.parameter_count - outside) / Math.max(inside, 1), 0.3, 1.6)
  }
  return shape
}

function attentionParameters(facts: ModelFacts): AttentionParameters {
  const { hidden_size: hidden, attention_heads: heads, kv_heads: kvHeads, head_dim: headDim } = facts
  if (facts.mla) {
    const { kv_lora_rank: rank, qk_rope_head_dim: rope } = facts.mla
    return {
      sharded:
        MLA_QUERY_RANK * heads * headDim +
        rank * heads * (headDim - rope + MLA_VALUE_DIM) +
        heads * MLA_VALUE_DIM * hidden,
      keyValue: 0,
      replicated: hidden * (MLA_QUERY_RANK + rank + rope),
    }
  }
  const recurrentShare =
    facts.attention === 'hybrid-linear' ? Math.max(facts.layers - facts.attention_layers, 0) / facts.layers : 0
  return {
    sharded: 2 * hidden * heads * headDim * (1 + recurrentShare * (RECURRENT_PROJECTION_FACTOR - 1)),
    keyValue: 2 * hidden * kvHeads * headDim,
    replicated: 0,
  }
}

const attentionTotal = ({ attention }: ModelShape): number =>
  attention.sharded + attention.keyValue + attention.replicated

export interface WeightLayout {
  tensorParallelSize: number
  pipelineParallelSize: number
  /** Attention ranks that share the experts of the replica: each holds everything else. Default: 1. */
  dataParallelSize?: number | undefined
}

const WHOLE: WeightLayout = { tensorParallelSize: 1, pipelineParallelSize: 1 }

/** Weight bytes on the fullest GPU of a replica. */
export function weightBytesPerGpu(facts: ModelFacts, shape: ModelShape, layout: WeightLayout): number {
  const total = weightBytesOf(facts, shape, WHOLE)
  return (weightBytesOf(facts, shape, layout) * totalWeightBytes(facts, shape)) / total
}

/** Bytes of the whole model: those of its files where known, else parameters × bytes per weight. */
function totalWeightBytes(facts: ModelFacts, shape: ModelShape): number {
  if (facts.weight_bytes !== null) return facts.weight_bytes
  const algebraic = parameterCountOf(facts, shape)
  return weightBytesOf(facts, shape, WHOLE) * (facts.parameter_count / algebraic)
}

function parameterCountOf(facts: ModelFacts, shape: ModelShape): number {
  const experts = facts.experts?.count ?? 0
  return (
    facts.layers * attentionTotal(shape) +
    shape.denseLayers * shape.denseParameters +
    shape.expertLayers * (shape.expertParameters * experts + shape.sharedExpertParameters + shape.routerParameters) +
    shape.embeddingParameters +
    shape.outputHeadParameters
  )
}

/** By the algebra alone: the largest pipeline stage, with the embedding or the output head. */
function weightBytesOf(facts: ModelFacts, shape: ModelShape, layout: WeightLayout): number {
  const { tensorParallelSize: tensorParallel, pipelineParallelSize: pipelineParallel } = layout
  const expertGpus = tensorParallel * (layout.dataParallelSize ?? 1)
  const stageShare = Math.ceil(facts.layers / pipelineParallel) / facts.layers
  const keyValueShare = Math.max(1 / tensorParallel, 1 / facts.kv_heads)
  const experts = facts.experts?.count ?? 0
  const { attention } = shape
  const perLayer =
    attention.sharded / tensorParallel + attention.keyValue * Math.min(keyValueShare, 1) + attention.replicated
  const layers =
    facts.layers * perLayer * shape.layerWeightBytes +
    (shape.denseLayers * shape.denseParameters * shape.layerWeightBytes) / tensorParallel +
    shape.expertLayers *
      ((shape.expertParameters * experts * shape.expertWeightBytes) / expertGpus +
        (shape.sharedExpertParameters * shape.layerWeightBytes) / tensorParallel +
        shape.routerParameters * HALF_PRECISION_BYTES)
  const ends =
    pipelineParallel === 1
      ? shape.embeddingParameters + shape.outputHeadParameters
      : Math.max(shape.embeddingParameters, shape.outputHeadParameters)
  return layers * stageShare + (ends * shape.embeddingWeightBytes) / tensorParallel
}

/** KV-cache bytes of one token in one growing attention layer, on one GPU of a tensor-parallel group. */
export function kvBytesPerTokenLayer(facts: ModelFacts, tensorParallel: number, bytesPerElement: number): number {
  // Latent attention keeps one compressed vector that every GPU of the group needs whole.
  if (facts.mla) return (facts.mla.kv_lora_rank + facts.mla.qk_rope_head_dim) * bytesPerElement
  return 2 * Math.max(facts.kv_heads / tensorParallel, 1) * facts.head_dim * bytesPerElement
}

/** Cache bytes of one sequence of `tokens` on the fullest GPU of a replica, recurrent states included. */
export function sequenceCacheBytes(
  facts: ModelFacts,
  shape: ModelShape,
  layout: { tensorParallelSize: number; pipelineParallelSize: number; kvBytesPerElement: number },
  tokens: number,
): number {
  const perTokenLayer = kvBytesPerTokenLayer(facts, layout.tensorParallelSize, layout.kvBytesPerElement)
  const windowTokens = facts.sliding_window === null ? tokens : Math.min(tokens, facts.sliding_window)
  const stageShare = Math.ceil(facts.layers / layout.pipelineParallelSize) / facts.layers
  return (
    stageShare *
    (perTokenLayer * (shape.fullLayers * tokens + shape.windowLayers * windowTokens) +
      (shape.recurrentLayers * recurrentStateBytes(facts)) / layout.tensorParallelSize)
  )
}

/** State of one recurrent layer for one sequence, whole model. */
export const recurrentStateBytes = (facts: ModelFacts): number =>
  2 * facts.hidden_size * RECURRENT_STATE_COLUMNS * RECURRENT_STATE_BYTES

export const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high)
