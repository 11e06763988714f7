/** The committed forests are XGBoost models: python predicts with them what the product does, and trains them on. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSeededRandom } from '../../packages/budsim/src/domain/trees/seeded-random.ts'
import { forestFromXgboostJson } from '../../packages/budsim/src/domain/trees/xgboost-json.ts'
import { largestDifference, meanAbsoluteError, predictAll } from './compare.ts'
import { xgboostPredict, xgboostTrain } from './peer.ts'
import { probingRows } from './samples.ts'

const FOLDER = join(import.meta.dirname, '../../data/budsim/forests')
const ROWS = 2000
const AGREEMENT = 1e-6
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')

test('there are forests to check', () => {
  expect(files.length).toBeGreaterThan(10)
})

describe.each(files)('%s', (file) => {
  const text = textOf(file)
  const forest = forestFromXgboostJson(text)
  const { feature_names } = forest

  test('predicts in XGBoost what it predicts here', async () => {
    const columns = probingRows(forest, ROWS, 11)
    const theirs = await xgboostPredict(text, { columns, feature_names })
    expect(theirs).toMatchObject({ feature_names, rounds: forest.trees.length })
    const difference = largestDifference(predictAll(forest, columns), theirs.predictions)
    console.log(`${file}: ${forest.trees.length} trees, ${ROWS} rows, largest difference ${difference}`)
    expect(difference).toBeLessThanOrEqual(AGREEMENT)
  })
})

test('XGBoost trains a committed forest on with rows of one’s own, and the product reads what comes of it', async () => {
  const text = textOf('closed-loop.tpot.residual.json')
  const forest = forestFromXgboostJson(text)
  const { feature_names } = forest
  const columns = probingRows(forest, ROWS, 12)
  const random = createSeededRandom(13)
  // A machine that takes longer under load than the rows the forest was trained on.
  const load = columns[feature_names.indexOf('log_concurrency')]
  const target = predictAll(forest, columns).map(
    (value, row) => value + ((load?.[row] ?? 0) > 3 ? 0.3 : 0) + 0.02 * random(),
  )
  const rounds = 50
  const continued = await xgboostTrain(
    { columns, feature_names, target },
    {
      ...{ objective: forest.objective, trees: rounds, depth: 4, learning_rate: 0.1, min_child_weight: 1 },
      ...{ subsample: 1, columns_per_tree: 1, lambda: 1, seed: 1 },
    },
    text,
  )
  const longer = forestFromXgboostJson(continued.model)
  expect(longer.trees.length).toBe(forest.trees.length + rounds)
  const errors = [forest, longer].map((each) => meanAbsoluteError(predictAll(each, columns), target))
  console.log(`closed-loop.tpot.residual trained on: error ${errors.map((error) => error.toFixed(4)).join(' → ')}`)
  expect(errors[1]).toBeLessThan(0.5 * (errors[0] as number))
  const probes = probingRows(longer, ROWS, 14)
  const theirs = await xgboostPredict(continued.model, { columns: probes, feature_names })
  expect(largestDifference(predictAll(longer, probes), theirs.predictions)).toBeLessThanOrEqual(AGREEMENT)
})
