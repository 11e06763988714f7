/**
 * How widely times spread around their means: logarithms taken as normal, as the lengths of prompts and answers are. A
 * spread is the standard deviation of the logarithm; independent spreads add by their squares.
 */

const NORMAL_QUANTILES = { p50: 0, p95: 1.6448536, p99: 2.3263479 } as const
export type Percentile = keyof typeof NORMAL_QUANTILES
export const PERCENTILES = ['p50', 'p95', 'p99'] as const
export const SHARES: Readonly<Record<Percentile, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 }

/** Of lengths with this coefficient of variation (standard deviation ÷ mean). */
export const lengthSpread = (cv: number): number => Math.sqrt(Math.log1p(cv * cv))

/** Whose 99th percentile is `tail` times the mean; at most 15. */
export function spreadOfTail(tail: number): number {
  const z = NORMAL_QUANTILES.p99
  return z - Math.sqrt(z * z - 2 * Math.log(tail))
}

/** Percentile ÷ mean. */
export const quantileFactor = (percentile: Percentile, spread: number): number =>
  Math.exp(NORMAL_QUANTILES[percentile] * spread - (spread * spread) / 2)
