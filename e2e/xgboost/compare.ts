/** Our predictions of many rows, and how they compare. */
import type { Forest } from '../../packages/budsim/src/domain/trees/forest.ts'
import { createForestEvaluator } from '../../packages/budsim/src/domain/trees/forest-evaluator.ts'
import type { TrainingData } from '../../packages/budsim/src/domain/trees/train-forest.ts'

export function predictAll(forest: Forest, columns: readonly Float64Array[]): Float64Array {
  const evaluate = createForestEvaluator(forest)
  const row = new Float64Array(columns.length)
  return Float64Array.from({ length: columns[0]?.length ?? 0 }, (_, i) => {
    columns.forEach((column, feature) => {
      row[feature] = column[i] as number
    })
    return evaluate(row)
  })
}

export function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  return Array.from(ours).reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] as number))), 0)
}

export function meanAbsoluteError(predictions: ArrayLike<number>, target: Float64Array): number {
  return target.reduce((sum, value, i) => sum + Math.abs(value - (predictions[i] as number)), 0) / target.length
}

export function rSquared(predictions: ArrayLike<number>, target: Float64Array): number {
  const mean = target.reduce((sum, value) => sum + value, 0) / target.length
  const total = target.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return 1 - target.reduce((sum, value, i) => sum + (value - (predictions[i] as number)) ** 2, 0) / total
}

/** Every third row is held out. */
export function holdOut(data: TrainingData): { known: TrainingData; held: TrainingData } {
  const part = (keep: (row: number) => boolean): TrainingData => ({
    columns: data.columns.map((column) => column.filter((_, row) => keep(row))),
    feature_names: data.feature_names,
    target: data.target.filter((_, row) => keep(row)),
  })
  return { known: part((row) => row % 3 !== 0), held: part((row) => row % 3 === 0) }
}
