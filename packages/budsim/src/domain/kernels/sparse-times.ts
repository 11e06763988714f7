/**
 * Times of whole attention blocks with dynamic sparse attention (DeepSeek-V3.2, GLM-5): projections in block-scaled FP8,
 * the indexer that scores the whole context, attention to the 2048 tokens it picks, output.
 */
import { pairsOf } from './attention-times.ts'
import type { SparsePrefill, TimeGrid } from './kernel-data.ts'
import { createCurve } from './log-curve.ts'
import { atFirst, bindPlane, launchOf, scaled, toLogGrid } from './log-grid.ts'
import type { Rates } from './roofline.ts'

const PICKED_TOKENS = 2048
const LATENT_ELEMENTS = 576
/** Of one head: 576 for scores and 512 for values, two operations each. */
const PAIR_FLOPS = 2 * (576 + 512)
/** 64 index heads of 128 elements, and what one token's index key takes. */
const INDEX_PAIR_FLOPS = 2 * 64 * 128
const INDEX_BYTES = 128
/** DeepSeek-V3.2's matrices: to the latents and the index, and by head from and to them. */
const SHARED_WEIGHTS = 7168 * (1536 + LATENT_ELEMENTS + 128 + 64) + 1536 * 64 * 128
const HEAD_WEIGHTS = 1536 * 192 + 2 * 128 * 512 + 128 * 7168
/** Attention and index run at about half of the datasheet's rate. */
const PAIR_SLOWDOWN = 2

/** Roofline of one decoding step of a block. */
export function sparseDecodeUs(rates: Rates, heads: number, sequences: number, context: number): number {
  const picked = Math.min(context, PICKED_TOKENS)
  const weights = SHARED_WEIGHTS + heads * HEAD_WEIGHTS
  const bytes = weights + sequences * (picked * LATENT_ELEMENTS + context * INDEX_BYTES)
  const flops = 2 * sequences * weights + sequences * (picked * heads * PAIR_FLOPS + context * INDEX_PAIR_FLOPS)
  return Math.max(bytes / rates.bytesPerUs, flops / rates.flopsPerUs)
}

/** Roofline of a prompt through a block, nothing cached. */
export function sparsePrefillUs(rates: Rates, heads: number, tokens: number): number {
  const weights = SHARED_WEIGHTS + heads * HEAD_WEIGHTS
  const attention = pairsOf(tokens, 0, PICKED_TOKENS) * heads * PAIR_FLOPS
  return (2 * tokens * weights + attention + ((tokens * tokens) / 2) * INDEX_PAIR_FLOPS) / rates.flopsPerUs
}

/** One new token per sequence. */
export function createSparseDecode(grid: TimeGrid, from: Rates, to: Rates, heads: number) {
  const measured = toLogGrid(grid)
  const knots = measured.axes[0] ?? [heads]
  const near = Math.min(Math.max(heads, knots[0] ?? heads), knots.at(-1) ?? heads)
  const plane = atFirst(measured, heads)
  return bindPlane(
    scaled(plane, launchOf(plane), (sequences = 1, context = 1) => {
      return sparseDecodeUs(to, heads, sequences, context) / sparseDecodeUs(from, near, sequences, context)
    }),
  )
}

export function createSparsePrefill({ plain, index_factor }: SparsePrefill, from: Rates, to: Rates, heads: number) {
  const measured = toLogGrid(plain)
  const knots = measured.axes[0] ?? [heads]
  const near = Math.min(Math.max(heads, knots[0] ?? heads), knots.at(-1) ?? heads)
  const line = atFirst(measured, heads)
  const launchUs = launchOf(line)
  const { axes, logs } = scaled(line, launchUs, (tokens = 1) => {
    return sparsePrefillUs(to, heads, tokens) / sparsePrefillUs(from, near, tokens)
  })
  const prompt = createCurve(axes[0] ?? [], [...logs].map(Math.exp))
  const pairUs = (PAIR_SLOWDOWN * heads * PAIR_FLOPS) / to.flopsPerUs
  const indexUs = indexPairUs(to) * index_factor
  return (sequences: number, newTokens: number, cachedTokens: number): number => {
    const cachedPairs = pairsOf(newTokens, cachedTokens, PICKED_TOKENS) - pairsOf(newTokens, 0, PICKED_TOKENS)
    const behind = cachedPairs * pairUs + newTokens * cachedTokens * indexUs
    return launchUs + sequences * (prompt(newTokens) - launchUs + behind)
  }
}

/** Scoring one query against one key at the datasheet's rate. */
export const indexPairUs = (rates: Rates): number => INDEX_PAIR_FLOPS / rates.flopsPerUs
