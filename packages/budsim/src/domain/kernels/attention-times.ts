/** Times of attention kernels: roofline terms with factors fitted to measurements. Rates are per microsecond. */
import type { DecodeFit, LatentFit, PrefillFit } from './kernel-data.ts'
import type { Rates } from './roofline.ts'

/** base + the p-norm of memory time and arithmetic time. */
export function decodeUs(fit: DecodeFit, memoryUs: number, arithmeticUs: number): number {
  const memory = memoryUs * fit.bytes_factor
  const arithmetic = arithmeticUs * fit.flops_factor
  const longer = Math.max(memory, arithmetic)
  if (longer === 0) return fit.base_us
  const ratio = Math.min(memory, arithmetic) / longer
  const power = ratio ** fit.sharpness
  return fit.base_us + (power < 1e-6 ? longer : longer * (1 + power) ** (1 / fit.sharpness))
}

export interface Heads {
  heads: number
  kvHeads: number
  headDim: number
}

/** One new token per sequence against `contextTokens` of cache each. */
export function createDecodeAttention(fit: DecodeFit, rates: Rates, shape: Heads, kvBytes: number) {
  const memoryUs = (2 * shape.kvHeads * shape.headDim * kvBytes) / rates.bytesPerUs
  const arithmeticUs = (4 * shape.heads * shape.headDim) / rates.flopsPerUs
  return (sequences: number, contextTokens: number): number => {
    const tokens = sequences * contextTokens
    return decodeUs(fit, tokens * memoryUs, tokens * arithmeticUs)
  }
}

export function prefillUs(fit: PrefillFit, arithmeticUs: number, memoryUs: number, newTokens: number): number {
  return (
    fit.base_us + arithmeticUs * fit.flops_factor * (1 + fit.half_rate_tokens / newTokens) + memoryUs * fit.bytes_factor
  )
}

/** Query-key pairs of one sequence: causal, `cached` tokens before the new ones, none further back than the window. */
export function pairsOf(newTokens: number, cached: number, window: number): number {
  const growing = Math.min(Math.max(window - cached, 0), newTokens)
  const pairs = growing * cached + (growing * growing) / 2
  return growing === newTokens ? pairs : pairs + (newTokens - growing) * window
}

/** Causal attention of `newTokens` per sequence behind `cachedTokens` already in the cache. */
export function createPrefillAttention(fit: PrefillFit, rates: Rates, { heads, kvHeads, headDim }: Heads) {
  const arithmeticUs = (4 * heads * headDim) / rates.flopsPerUs
  const newTokenUs = (4 * headDim * (heads + kvHeads)) / rates.bytesPerUs
  const cachedTokenUs = (4 * headDim * kvHeads) / rates.bytesPerUs
  return (sequences: number, newTokens: number, cachedTokens: number, window: number): number => {
    const arithmetic = sequences * pairsOf(newTokens, cachedTokens, window) * arithmeticUs
    const memory = sequences * (newTokens * newTokenUs + Math.min(cachedTokens, window) * cachedTokenUs)
    return prefillUs(fit, arithmetic, memory, newTokens)
  }
}

export function latentUs(fit: LatentFit, memoryUs: number, arithmeticUs: number): number {
  return fit.base_us + memoryUs * fit.bytes_factor + arithmeticUs * fit.flops_factor
}

/** The latent vector of multi-head latent attention: 512 elements of content and 64 of position. */
const LATENT_ELEMENTS = 576
const LATENT_CONTENT_ELEMENTS = 512

/** Decoding in the latent space (DeepSeek's absorbed form): every head reads the same vector. */
export function createLatentDecode(fit: LatentFit, rates: Rates, heads: number, kvBytes: number) {
  const memoryUs = (LATENT_ELEMENTS * kvBytes) / rates.bytesPerUs
  const arithmeticUs = (2 * heads * (LATENT_ELEMENTS + LATENT_CONTENT_ELEMENTS)) / rates.flopsPerUs
  return (sequences: number, contextTokens: number): number => {
    const tokens = sequences * contextTokens
    return latentUs(fit, tokens * memoryUs, tokens * arithmeticUs)
  }
}

/** Per head: keys of 128 + 64 elements, values of 128. */
const PREFILL_KEY_ELEMENTS = 192
const PREFILL_VALUE_ELEMENTS = 128

/** Prefill with keys and values unfolded per head. */
export function createLatentPrefill(fit: LatentFit, rates: Rates, heads: number) {
  const elements = PREFILL_KEY_ELEMENTS + PREFILL_VALUE_ELEMENTS
  const arithmeticUs = (2 * heads * elements) / rates.flopsPerUs
  const newTokenUs = (2 * heads * 2 * elements) / rates.bytesPerUs
  return (sequences: number, newTokens: number, cachedTokens: number): number => {
    const arithmetic = sequences * pairsOf(newTokens, cachedTokens, Number.POSITIVE_INFINITY) * arithmeticUs
    const memory = sequences * (newTokens + cachedTokens / 2) * newTokenUs
    return latentUs(fit, memory, arithmetic)
  }
}
