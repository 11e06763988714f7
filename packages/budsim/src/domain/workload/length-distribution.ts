/** Lengths as people state them (a value, a mean with a spread, percentiles) → mean and coefficient of variation. */
import { z } from 'zod'

const Tokens = z.number().positive().max(2_000_000)

/** A spread of lengths is taken as lognormal, which prompts and answers resemble. */
export const LengthDistribution = z
  .union(
    [
      Tokens,
      z.strictObject({ mean: Tokens, cv: z.number().min(0).max(10) }),
      z.strictObject({ mean: Tokens, p95: Tokens }),
      z.strictObject({ p50: Tokens, p95: Tokens }),
    ],
    'must be a positive number of tokens, or {mean, cv}, {mean, p95} or {p50, p95} of them',
  )
  .describe('Tokens: one value, or {mean, cv}, {mean, p95}, {p50, p95}.')
export type LengthDistribution = z.infer<typeof LengthDistribution>

export interface Lengths {
  mean: number
  /** Standard deviation ÷ mean; undefined where one value is stated. */
  cv: number | undefined
}

/** The standard normal's 95th percentile. */
const Z95 = 1.6448536269514722

export function toLengths(stated: LengthDistribution): Lengths | { problem: string } {
  if (typeof stated === 'number') return { mean: stated, cv: undefined }
  if ('cv' in stated) return stated
  return 'mean' in stated ? fromMean(stated) : fromMedian(stated)
}

/**
 * ln(p95 ÷ mean) = z·σ − σ²/2, of which the smaller σ is meant. A 95th percentile above e^(z²/2) ≈ 3.9 means fits no
 * lognormal.
 */
function fromMean({ mean, p95 }: { mean: number; p95: number }): Lengths | { problem: string } {
  if (p95 < mean) return { problem: `the 95th percentile ${p95} is below the mean ${mean}` }
  const root = Z95 ** 2 - 2 * Math.log(p95 / mean)
  if (root < 0) {
    return {
      problem: `the 95th percentile ${p95} is more than ${Math.exp(Z95 ** 2 / 2).toFixed(1)} times the mean ${mean}; state {p50, p95}`,
    }
  }
  return { mean, cv: cvOf(Z95 - Math.sqrt(root)) }
}

function fromMedian({ p50, p95 }: { p50: number; p95: number }): Lengths | { problem: string } {
  if (p95 < p50) return { problem: `the 95th percentile ${p95} is below the median ${p50}` }
  const sigma = Math.log(p95 / p50) / Z95
  return { mean: p50 * Math.exp(sigma ** 2 / 2), cv: cvOf(sigma) }
}

const cvOf = (sigma: number): number => Math.sqrt(Math.exp(sigma ** 2) - 1)
