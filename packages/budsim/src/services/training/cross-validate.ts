/** Every row predicted by a model that never saw its architecture, its GPU, or merely itself. */
import type { Figures } from '../../domain/physics/calibrated.ts'
import { createSeededRandom } from '../../domain/trees/seeded-random.ts'
import { createRowPredictor, fitModel } from './fit-model.ts'
import { type Folding, foldsOf } from './folds.ts'
import type { PreparedRow } from './prepare-rows.ts'

export interface LeftOutPrediction {
  row: PreparedRow
  fold: number
  predicted: Figures
}

const RANDOM_FOLDS = 5
const SEED = 1

export function crossValidate(
  rows: readonly PreparedRow[],
  folding: Folding | 'random',
  onFold: (done: number, total: number) => void = () => undefined,
): LeftOutPrediction[] {
  const folds = folding === 'random' ? randomFolds(rows.length) : foldsOf(rows, folding)
  const numbers = [...new Set(folds)].sort((a, b) => a - b)
  const predictions: LeftOutPrediction[] = []
  for (const [done, fold] of numbers.entries()) {
    const predict = createRowPredictor(fitModel(rows.filter((_, i) => folds[i] !== fold)))
    rows.forEach((row, i) => {
      if (folds[i] === fold) predictions.push({ row, fold, predicted: predict(row) })
    })
    onFold(done + 1, numbers.length)
  }
  return predictions
}

function randomFolds(count: number): Int32Array {
  const random = createSeededRandom(SEED)
  return Int32Array.from({ length: count }, () => Math.floor(random() * RANDOM_FOLDS))
}
