/**
 * Times of attention kernels from measured grids. Sequences and KV heads are exchangeable (a unit of work each), so
 * the grids have units × tokens for every head size and number of query heads per KV head.
 */
import type { TimeGrid } from './kernel-data.ts'
import { atFirst, bindPlane, type LogGrid, launchOf, scaled, toLogGrid } from './log-grid.ts'
import type { Rates } from './roofline.ts'

/** Where a grid was measured and where it is used; bytes per element of the KV cache differ with its format. */
export interface AttentionSource {
  rates: Rates
  kvBytes: number
}

export interface Heads {
  heads: number
  kvHeads: number
  headDim: number
}

/** One new token per sequence against `contextTokens` of cache each. */
export function createDecodeAttention(grid: TimeGrid, from: AttentionSource, to: AttentionSource, shape: Heads) {
  const { kvHeads, headDim } = shape
  const group = shape.heads / kvHeads
  const time = bindPlane(
    carried(grid, [headDim, group], ([nearDim = 1, nearGroup = 1], _units, _context) => {
      const there = decodeUnitUs(from, nearDim, nearGroup)
      return decodeUnitUs(to, headDim, group) / there
    }),
  )
  return (sequences: number, contextTokens: number): number => time(sequences * kvHeads, contextTokens)
}

/** Roofline of one KV head and one token of context. */
export function decodeUnitUs({ rates, kvBytes }: AttentionSource, headDim: number, group: number): number {
  return Math.max((2 * headDim * kvBytes) / rates.bytesPerUs, (4 * headDim * group) / rates.flopsPerUs)
}

/** Query-key pairs of one sequence: causal, `cached` tokens before the new ones, none further back than the window. */
function pairsOf(newTokens: number, cached: number, window: number): number {
  const growing = Math.min(Math.max(window - cached, 0), newTokens)
  const pairs = growing * cached + (growing * growing) / 2
  return growing === newTokens ? pairs : pairs + (newTokens - growing) * window
}

/** Kernels work through keys in blocks: a window's edge costs about one more. */
const TILE_TOKENS = 128

/** Causal attention of `newTokens` per sequence behind `cachedTokens`; costs what a plain prompt of as many pairs costs. */
export function createPrefillAttention(grid: TimeGrid, from: Rates, to: Rates, { heads, kvHeads, headDim }: Heads) {
  const group = heads / kvHeads
  const plane = carried(grid, [headDim, group], ([nearDim = 1, nearGroup = 1], _units, tokens = 1) => {
    const there = prefillUnitUs(from, nearDim, nearGroup, tokens)
    return prefillUnitUs(to, headDim, group, tokens) / there
  })
  const time = bindPrompts(plane)
  const cachedTokenUs = (4 * headDim * kvHeads) / to.bytesPerUs
  return (sequences: number, newTokens: number, cachedTokens: number, window: number): number => {
    const pairs = pairsOf(newTokens, cachedTokens, window + TILE_TOKENS)
    const us = time(sequences * heads, newTokens, pairs)
    return Math.max(us, sequences * Math.min(cachedTokens, window) * cachedTokenUs)
  }
}

/**
 * Time of prompts with so many pairs each, from the plane of plain prompts (units × tokens): plain prompts with as many
 * queries in all and as many keys per query.
 */
function bindPrompts(plane: LogGrid): (units: number, newTokens: number, pairs: number) => number {
  const time = bindPlane(plane)
  const longest = plane.axes[1]?.at(-1) ?? 1
  return (units, newTokens, pairs) => {
    let tokens = (2 * pairs) / newTokens
    let prompts = (units * newTokens) / tokens
    if (prompts < 1) {
      tokens = Math.sqrt(2 * pairs * units)
      prompts = 1
    }
    // Beyond the grid arithmetic rules, which grows by the square; the plane grows in proportion.
    return time(prompts, tokens) * (tokens > longest ? tokens / longest : 1)
  }
}

/** Roofline of one query head and a prompt of `tokens`. */
export function prefillUnitUs(rates: Rates, headDim: number, group: number, tokens: number): number {
  const arithmetic = (2 * tokens * tokens * headDim) / rates.flopsPerUs
  return Math.max(arithmetic, (4 * tokens * headDim * (1 + 1 / group)) / rates.bytesPerUs)
}

/** The latent vector of multi-head latent attention: 512 elements of content and 64 of position. */
const LATENT_ELEMENTS = 576
const LATENT_CONTENT_ELEMENTS = 512

/** Decoding in the latent space (DeepSeek's absorbed form): every head reads the same vector. */
export function createLatentDecode(grid: TimeGrid, from: AttentionSource, to: AttentionSource, heads: number) {
  return bindPlane(
    carried(grid, [heads], ([nearHeads = 1]) => latentTokenUs(to, heads) / latentTokenUs(from, nearHeads)),
  )
}

/** Roofline of one sequence and one token of context. */
export function latentTokenUs({ rates, kvBytes }: AttentionSource, heads: number): number {
  const arithmetic = (2 * heads * (LATENT_ELEMENTS + LATENT_CONTENT_ELEMENTS)) / rates.flopsPerUs
  return Math.max((LATENT_ELEMENTS * kvBytes) / rates.bytesPerUs, arithmetic)
}

/** Per head: keys of 128 + 64 elements, values of 128. */
const PREFILL_ELEMENTS = 192 + 128

/** Prefill with keys and values unfolded per head. */
export function createLatentPrefill(grid: TimeGrid, from: Rates, to: Rates, heads: number) {
  const plane = carried(
    grid,
    [],
    (_near, _units, tokens = 1) => latentPrefillUs(to, tokens) / latentPrefillUs(from, tokens),
  )
  const time = bindPrompts(plane)
  return (sequences: number, newTokens: number, cachedTokens: number): number =>
    time(sequences * heads, newTokens, pairsOf(newTokens, cachedTokens, Number.POSITIVE_INFINITY))
}

/** Roofline of one head and a prompt of `tokens`. */
export function latentPrefillUs(rates: Rates, tokens: number): number {
  return Math.max(
    (tokens * tokens * PREFILL_ELEMENTS) / rates.flopsPerUs,
    (4 * tokens * PREFILL_ELEMENTS) / rates.bytesPerUs,
  )
}

/** The grid at this shape, every time scaled by the ratio of rooflines at the nearest shape the grid has. */
function carried(
  grid: TimeGrid,
  shape: readonly number[],
  ratio: (near: readonly number[], ...sizes: number[]) => number,
): LogGrid {
  let reduced = toLogGrid(grid)
  const near = shape.map((size) => {
    const knots = reduced.axes[0] ?? [size]
    reduced = atFirst(reduced, size)
    return Math.min(Math.max(size, knots[0] ?? size), knots.at(-1) ?? size)
  })
  return scaled(reduced, launchOf(reduced), (...sizes) => ratio(near, ...sizes))
}
