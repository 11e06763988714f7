/** The two losses, as XGBoost's reg:squarederror and reg:absoluteerror treat them. */
import type { ForestObjective } from './forest.ts'
import { median, weightedMedian } from './weighted-median.ts'

export interface Labels {
  target: Float64Array
  /** Undefined: all rows count the same. */
  weight: Float32Array | undefined
}

export interface Objective {
  /** The constant with the least loss: where the trees begin. */
  baseScore(labels: Labels): number
  /** Slope of one row's loss by its prediction, of weight 1; the hessian is the weight. */
  gradient(prediction: number, target: number): number
  /** The best constant for the rows of a leaf, where the gradients alone do not tell. */
  leafValue?(residuals: Float64Array, weights: Float64Array | undefined): number
}

export const objectives: Record<ForestObjective, Objective> = {
  'squared-error': {
    baseScore: weightedMean,
    gradient: (prediction, target) => prediction - target,
  },
  'absolute-error': {
    baseScore: ({ target, weight }) => middle(target.slice(), weight && Float64Array.from(weight)),
    gradient: (prediction, target) => Math.sign(prediction - target),
    leafValue: middle,
  },
}

function middle(values: Float64Array, weights: Float64Array | undefined): number {
  return weights ? weightedMedian(values, weights) : median(values)
}

function weightedMean({ target, weight }: Labels): number {
  let sum = 0
  let total = 0
  for (let row = 0; row < target.length; row++) {
    const share = weight ? (weight[row] as number) : 1
    sum += share * (target[row] as number)
    total += share
  }
  return sum / total
}
