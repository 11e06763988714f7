/** Parameters from shapes, for models whose weight files are not at hand. Biases are left out except norms' scale. */
import type { DecoderLayout } from './decoder-layout.ts'

/** Gated delta net and short convolutions against hidden²: in (q, k, v, z), gates, out. */
const LINEAR_LAYER_FACTOR = 6

export interface ParameterCount {
  total: number
  /** Used per token: all but the experts a token does not visit. */
  active: number
}

export function countParameters(layout: DecoderLayout, mamba: MambaLayout): ParameterCount {
  const { hidden, mix, experts } = layout
  const attentionLayers = mix.fullAttention + mix.slidingAttention
  const ends = layout.vocabulary * hidden * (layout.tied ? 1 : 2) + layout.positionRows * hidden + hidden
  const mixers =
    attentionLayers * attentionParameters(layout, mamba) +
    mix.linear * (mamba.linearParameters ?? LINEAR_LAYER_FACTOR * hidden * hidden) +
    mix.mamba * (mamba.mambaParameters ?? LINEAR_LAYER_FACTOR * hidden * hidden)
  const norms = layout.layers * 2 * hidden
  const mlp = layout.mlpMatrices * hidden * layout.intermediate
  const encoder = layout.encoderLayers * (4 * hidden * layout.heads * layout.headDim + mlp)
  const crossAttention = layout.encoderLayers > 0 ? layout.layers * 4 * hidden * layout.heads * layout.headDim : 0
  const shared = ends + mixers + norms + encoder + crossAttention
  if (!experts) {
    const total = Math.round(shared + mix.withMlp * mlp)
    return { total, active: total }
  }
  const expertLayers = Math.max(layout.layers - experts.denseLayers, 0)
  const denseLayers = Math.max(mix.withMlp - expertLayers, 0)
  const expert = layout.mlpMatrices * hidden * experts.intermediate
  const perExpertLayer = hidden * experts.count + expert * experts.shared
  const common = shared + denseLayers * mlp + expertLayers * perExpertLayer
  return {
    total: Math.round(common + expertLayers * expert * experts.count),
    active: Math.round(common + expertLayers * expert * experts.perToken),
  }
}

/** Parameters of the layers that are not attention, where config.json states their shapes. */
export interface MambaLayout {
  linearParameters: number | undefined
  mambaParameters: number | undefined
  /** Qwen3-Next's gated attention doubles the query projection. */
  gatedAttention: boolean
}

function attentionParameters(layout: DecoderLayout, mamba: MambaLayout): number {
  const { hidden, heads, headDim, mla } = layout
  if (!mla) {
    const queries = heads * headDim * (mamba.gatedAttention ? 2 : 1)
    return hidden * (queries + 2 * layout.keyValueHeads * headDim) + heads * headDim * hidden
  }
  const queryWidth = heads * (mla.nopeDim + mla.ropeDim)
  const queries = mla.queryRank ? hidden * mla.queryRank + mla.queryRank * queryWidth : hidden * queryWidth
  const compressed = hidden * (mla.keyValueRank + mla.ropeDim)
  const expanded = mla.keyValueRank * heads * (mla.nopeDim + mla.valueDim)
  const indexer = mla.indexHeads * (mla.indexDim * (mla.queryRank ?? hidden) + hidden) + hidden * mla.indexDim
  return queries + compressed + expanded + heads * mla.valueDim * hidden + indexer
}
