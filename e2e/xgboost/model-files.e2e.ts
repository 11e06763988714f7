/** The same model predicts the same in XGBoost and here, whoever trained it. */
import { describe, expect, test } from 'vitest'
import { type TrainingOptions, trainForest } from '../../packages/budsim/src/domain/trees/train-forest.ts'
import { forestFromXgboostJson, forestToXgboostJson } from '../../packages/budsim/src/domain/trees/xgboost-json.ts'
import { largestDifference, meanAbsoluteError, predictAll } from './compare.ts'
import { XGBOOST_VERSION } from './install.ts'
import { xgboostPredict, xgboostTrain } from './peer.ts'
import { madeRows, probingRows } from './samples.ts'

const ROWS = 3000
const AGREEMENT = 1e-6
const data = madeRows(ROWS, 1)
const { weight, ...unweighted } = data
const base: Omit<TrainingOptions, 'objective'> = {
  ...{ trees: 120, depth: 6, learning_rate: 0.1, min_child_weight: 1, subsample: 1, columns_per_tree: 1 },
  ...{ lambda: 1, bins: 128, seed: 7 },
}
const cases = [
  ['squared-error', unweighted, {}],
  ['squared-error', data, { alpha: 0.5, subsample: 0.8, columns_per_tree: 0.6 }],
  ['absolute-error', unweighted, { depth: 4 }],
  ['absolute-error', data, { subsample: 0.8, min_child_weight: 3 }],
] as const

describe.each(cases)('%s', (objective, rows, more) => {
  const options: TrainingOptions = { ...base, ...more, objective }
  const described = `${rows === data ? 'weighted' : 'unweighted'}, ${JSON.stringify(more)}`

  test(`a model of XGBoost predicts here what it predicts there (${described})`, async () => {
    const { model, version } = await xgboostTrain(rows, options)
    expect(version).toBe(XGBOOST_VERSION)
    expect(model).toMatch(/"base_score":"\[/)
    const forest = forestFromXgboostJson(model)
    expect(forest).toMatchObject({ objective, feature_names: rows.feature_names })
    const columns = probingRows(forest, ROWS, 2)
    const { predictions } = await xgboostPredict(model, { ...rows, columns })
    const difference = largestDifference(predictAll(forest, columns), predictions)
    console.log(`${objective}, theirs read here: ${ROWS} rows, largest difference ${difference}`)
    expect(difference).toBeLessThanOrEqual(AGREEMENT)
  })

  test(`a model of ours predicts there what it predicts here, and is trained on (${described})`, async () => {
    const forest = trainForest(rows, options)
    const text = forestToXgboostJson(forest)
    const columns = probingRows(forest, ROWS, 3)
    const theirs = await xgboostPredict(text, { ...rows, columns })
    expect(theirs).toMatchObject({ feature_names: rows.feature_names, rounds: options.trees })
    const difference = largestDifference(predictAll(forest, columns), theirs.predictions)
    expect(difference).toBeLessThanOrEqual(AGREEMENT)

    const continued = await xgboostTrain(rows, { ...options, trees: 60 }, text)
    const longer = forestFromXgboostJson(continued.model)
    expect(longer.trees.length).toBe(options.trees + 60)
    const errors = [forest, longer].map((each) => meanAbsoluteError(predictAll(each, rows.columns), rows.target))
    expect(errors[1]).toBeLessThan(errors[0] as number)
    const probes = probingRows(longer, ROWS, 4)
    const there = await xgboostPredict(continued.model, { ...rows, columns: probes })
    const differenceAfter = largestDifference(predictAll(longer, probes), there.predictions)
    console.log(
      `${objective}, ours read there: ${ROWS} rows, largest difference ${difference}; trained on by XGBoost: ` +
        `error ${errors.map((error) => error.toFixed(4)).join(' → ')}, difference ${differenceAfter}`,
    )
    expect(differenceAfter).toBeLessThanOrEqual(AGREEMENT)
  })
})

test('numbers of every size are written so that XGBoost reads them', async () => {
  const scales = [1e-30, 1e-7, 1, 1e6, 1e21, 1e30]
  for (const scale of scales) {
    const scaled = { ...unweighted, columns: unweighted.columns.map((column) => column.map((value) => value * scale)) }
    const forest = trainForest(scaled, { ...base, trees: 5, objective: 'squared-error' })
    const { predictions } = await xgboostPredict(forestToXgboostJson(forest), scaled)
    expect(largestDifference(predictAll(forest, scaled.columns), predictions)).toBeLessThanOrEqual(AGREEMENT)
  }
})
