/**
 * How sure a limit is held: the one-sided bound of a predicted figure at a confidence. An 80 % interval's ends are its
 * 10th and 90th percentile; in between and beyond, the logarithm of the error is taken as normal on each side.
 */
import type { Estimate } from '@bud/kernel'

/** Coefficients of Acklam's rational approximation of the normal quantile's central region and tails. */
const CENTRE_OVER = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
]
const CENTRE_UNDER = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
]
const TAIL_OVER = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const TAIL_UNDER = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1]
const TAIL = 0.02425
const INTERVAL_END = 0.9

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)

/** Standard normal quantile (Acklam, relative error under 1.2e-9); `p` within 0–1, ends excluded. */
export function normalQuantile(p: number): number {
  if (p < TAIL) {
    const q = Math.sqrt(-2 * Math.log(p))
    return horner(TAIL_OVER, q) / horner(TAIL_UNDER, q)
  }
  if (p > 1 - TAIL) return -normalQuantile(1 - p)
  const q = p - 0.5
  const r = q * q
  return (horner(CENTRE_OVER, r) * q) / horner(CENTRE_UNDER, r)
}

const AT_INTERVAL_END = normalQuantile(INTERVAL_END)

/** The power to which high ÷ value (or low ÷ value) is raised: 0 at 0.5, 1 at 0.9. */
export const boundExponent = (confidence: number): number => normalQuantile(confidence) / AT_INTERVAL_END

/** What the figure stays under with the exponent's confidence; the value itself where there is no interval. */
export const upperBound = ({ value, high }: Estimate, exponent: number): number =>
  high === null || value <= 0 || exponent === 0 ? value : value * Math.max(high / value, 1) ** exponent

/** What the figure stays above with the exponent's confidence; the value itself where there is no interval. */
export const lowerBound = ({ value, low }: Estimate, exponent: number): number =>
  low === null || value <= 0 || exponent === 0 ? value : value * Math.min(Math.max(low, 0) / value, 1) ** exponent
