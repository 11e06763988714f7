/** Our trainer learns as well as XGBoost's at equal settings, on rows that neither saw. */
import { expect, test } from 'vitest'
import type { ForestObjective } from '../../packages/budsim/src/domain/trees/forest.ts'
import { type TrainingOptions, trainForest } from '../../packages/budsim/src/domain/trees/train-forest.ts'
import { holdOut, predictAll, rSquared } from './compare.ts'
import { xgboostPredict, xgboostTrain } from './peer.ts'
import { madeRows, measuredRows } from './samples.ts'

const TOLERANCE = 0.01
const { weight: _, ...made } = madeRows(6000, 5)
const samples = { 'made rows': made, 'measured serving rows': measuredRows() }
const objectives: ForestObjective[] = ['squared-error', 'absolute-error']
const cases = Object.entries(samples).flatMap(([name, data]) =>
  objectives.map((objective) => [name, objective, data] as const),
)

test.each(cases)('%s, %s: R² of held-out rows is within 0.01 of XGBoost’s', async (name, objective, data) => {
  const { known, held } = holdOut(data)
  const options: TrainingOptions = {
    ...{ objective, trees: 300, depth: 6, learning_rate: 0.1, min_child_weight: 1, subsample: 1, columns_per_tree: 1 },
    ...{ lambda: 1, bins: 128, seed: 1 },
  }
  trainForest(known, { ...options, trees: 20 })
  const started = performance.now()
  const forest = trainForest(known, options)
  const seconds = (performance.now() - started) / 1000
  const theirs = await xgboostTrain(known, options)
  const ours = rSquared(predictAll(forest, held.columns), held.target)
  const peer = rSquared((await xgboostPredict(theirs.model, held)).predictions, held.target)
  console.log(
    `${name}, ${objective}, ${known.target.length} × ${known.columns.length}: R² ${ours.toFixed(4)}, XGBoost ${peer.toFixed(4)}; ` +
      `trained in ${seconds.toFixed(2)} s, XGBoost on one thread ${theirs.seconds.toFixed(2)} s (${(seconds / theirs.seconds).toFixed(2)} ×)`,
  )
  expect(ours).toBeGreaterThan(peer - TOLERANCE)
})
