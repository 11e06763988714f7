/**
 * What observations say about the error of one target in one group: Gaussian-process regression (Rasmussen & Williams
 * 2006, algorithm 2.1) with noise that a single bad measurement does not fool, for each observation's noise grows with
 * its distance from what all others say (Student-t weights on leave-one-out residuals, ibid. equation 5.12).
 */
import { covariance, type ErrorModel, sharedPart, variance } from './correlation.ts'
import type { Place } from './observation.ts'

export interface Sample {
  place: Place
  residual: number
  weight: number
}

export interface Posterior {
  /** Expected ln(measured ÷ predicted) at a place of this group. */
  offset: number
  /** Share of the error's variance that the observations explain, 0–1. */
  explained: number
}

const MOST_RESIDUAL = 1.5
const DEGREES_OF_FREEDOM = 4
const ROUNDS = 2
/** No measurement is trusted less than this. */
const LEAST_TRUST = 0.02
const LEAST_WEIGHT = 1e-6

/** `home`: any place of the group that is asked about. Cost per call grows with the square of the samples. */
export function createPosterior(
  model: ErrorModel,
  home: Place,
  samples: readonly Sample[],
): (place: Place) => Posterior {
  const size = samples.length
  const share = samples.map(({ place }) => sharedPart(model, home, place))
  const target = Float64Array.from(samples, ({ residual }) => clip(residual))
  const kernel = new Float64Array(size * size)
  for (const [i, a] of samples.entries()) {
    for (const [j, b] of samples.entries()) {
      kernel[i * size + j] = sharedPart(model, a.place, b.place) * covariance(model, a.place, b.place)
    }
  }
  const noise = Float64Array.from(
    samples,
    ({ place, weight }) => (place.familiar ? model.familiarNoise : model.noise) / Math.max(weight, LEAST_WEIGHT),
  )
  let inverse = invert(kernel, noise, size)
  let trusted = noise
  for (let round = 0; round < ROUNDS; round++) {
    const distrust = trusted.map((value, i) => value - (noise[i] as number))
    trusted = noise.map((value, i) => value / trustIn(inverse, target, i, distrust[i] as number))
    inverse = invert(kernel, trusted, size)
  }
  const weights = Float64Array.from(samples, (_, i) => rowProduct(inverse, target, i))
  const near = new Float64Array(size)
  const total = variance(model)
  const places = samples.map(({ place }) => place)
  return (place) => {
    let offset = 0
    let explained = 0
    for (let i = 0; i < size; i++) {
      const own = (share[i] as number) * covariance(model, place, places[i] as Place)
      near[i] = own
      offset += own * (weights[i] as number)
      const row = i * size
      let others = 0
      for (let j = 0; j < i; j++) others += (inverse[row + j] as number) * (near[j] as number)
      explained += own * (2 * others + (inverse[row + i] as number) * own)
    }
    return { offset: clip(offset), explained: Math.min(Math.max(explained / total, 0), 1) }
  }
}

const clip = (residual: number): number => Math.min(Math.max(residual, -MOST_RESIDUAL), MOST_RESIDUAL)

/**
 * Above 1 for what the others expect, far below for what contradicts them: by the square of what lies between, over the
 * variance that it would have if this one were no worse than any other.
 */
function trustIn(inverse: Float64Array, target: Float64Array, i: number, distrust: number): number {
  const size = target.length
  const precision = inverse[i * size + i] ?? 1
  const between = rowProduct(inverse, target, i) / precision
  const surprise = between ** 2 / (1 / precision - distrust)
  return Math.max((DEGREES_OF_FREEDOM + 1) / (DEGREES_OF_FREEDOM + surprise), LEAST_TRUST)
}

function rowProduct(matrix: Float64Array, vector: Float64Array, row: number): number {
  const size = vector.length
  let sum = 0
  for (let j = 0; j < size; j++) sum += (matrix[row * size + j] as number) * (vector[j] as number)
  return sum
}

/** Of kernel + noise on the diagonal, by Gauss-Jordan; positive definite, so no pivoting is needed. */
function invert(kernel: Float64Array, noise: Float64Array, size: number): Float64Array {
  const work = Float64Array.from(kernel)
  const inverse = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    work[i * size + i] = (work[i * size + i] as number) + (noise[i] as number)
    inverse[i * size + i] = 1
  }
  for (let pivot = 0; pivot < size; pivot++) {
    const scale = 1 / (work[pivot * size + pivot] as number)
    for (let j = 0; j < size; j++) {
      work[pivot * size + j] = (work[pivot * size + j] as number) * scale
      inverse[pivot * size + j] = (inverse[pivot * size + j] as number) * scale
    }
    for (let i = 0; i < size; i++) {
      const factor = work[i * size + pivot] as number
      if (i === pivot || factor === 0) continue
      for (let j = 0; j < size; j++) {
        work[i * size + j] = (work[i * size + j] as number) - factor * (work[pivot * size + j] as number)
        inverse[i * size + j] = (inverse[i * size + j] as number) - factor * (inverse[pivot * size + j] as number)
      }
    }
  }
  return inverse
}
