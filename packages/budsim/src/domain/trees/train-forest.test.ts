import { BudError } from '@bud/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Forest } from './forest.ts'
import { createForestEvaluator } from './forest-evaluator.ts'
import { createSeededRandom } from './seeded-random.ts'
import { type TrainingData, type TrainingOptions, trainForest } from './train-forest.ts'

const options: TrainingOptions = {
  ...{ objective: 'squared-error', trees: 30, depth: 4, learning_rate: 0.3, min_child_weight: 1 },
  ...{ subsample: 1, columns_per_tree: 1, lambda: 1, seed: 1 },
}
const objectives = ['squared-error', 'absolute-error'] as const

function made(rows: number, seed = 3): TrainingData {
  const random = createSeededRandom(seed)
  const columns = [0, 1, 2].map(() =>
    Float64Array.from({ length: rows }, () => (random() < 0.15 ? Number.NaN : Math.floor(random() * 200) / 10)),
  )
  const target = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b] = columns.map((column) => column[row] ?? Number.NaN)
    return (Number.isNaN(a) ? 30 : Number(a)) + (Number(b) > 7 ? 5 : 0) + random()
  })
  return { columns, feature_names: ['a', 'b', 'c'], target }
}

const one = (...values: number[]): TrainingData => ({
  columns: [Float64Array.from(values, (_, i) => i)],
  feature_names: ['x'],
  target: Float64Array.from(values),
})

function predict(forest: Forest, { columns, target }: TrainingData): number[] {
  const evaluate = createForestEvaluator(forest)
  return Array.from(target, (_, row) => evaluate(Float64Array.from(columns, (column) => column[row] as number)))
}

function loss(forest: Forest, data: TrainingData): number {
  const errors = predict(forest, data).map((value, row) => Math.abs(value - (data.target[row] as number)))
  const losses = forest.objective === 'squared-error' ? errors.map((error) => error ** 2) : errors
  return losses.reduce((sum, value, row) => sum + value * (data.weight?.[row] ?? 1), 0)
}

describe('training', () => {
  test('gives the same forest for the same seed, and another one for another seed', () => {
    const sampled = { ...options, subsample: 0.6, columns_per_tree: 0.5 }
    expect(trainForest(made(300), sampled)).toEqual(trainForest(made(300), sampled))
    expect(trainForest(made(300), { ...sampled, seed: 2 })).not.toEqual(trainForest(made(300), sampled))
  })

  test.each(objectives)('%s: each tree lowers the loss of the rows it saw', (objective) => {
    const data = made(400)
    const forest = trainForest(data, { ...options, objective })
    const losses = Array.from({ length: forest.trees.length + 1 }, (_, count) =>
      loss({ ...forest, trees: forest.trees.slice(0, count) }, data),
    )
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThanOrEqual((losses[i - 1] as number) + 1e-6)
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 10)
  })

  test('a split saves what the formula says: the scores of its sides less its own', () => {
    const data = one(1, 1, 5, 7)
    const { trees, base_score } = trainForest(data, { ...options, trees: 1, depth: 1, lambda: 1, learning_rate: 1 })
    expect(base_score).toBe(3.5)
    const tree = trees[0]
    // Gradients are 2.5, 2.5, −1.5, −3.5: 5² / 3 + 5² / 3 − 0.
    expect(tree?.gain[0]).toBeCloseTo(50 / 3, 5)
    expect([...(tree?.threshold ?? [])]).toEqual([1.5, Math.fround(-5 / 3), Math.fround(5 / 3)])
    expect([...(tree?.cover ?? [])]).toEqual([4, 2, 2])
  })

  test('L1 and L2 penalties shrink leaf values', () => {
    const rules = { ...options, trees: 1, depth: 1, learning_rate: 1 }
    const leaves = (more: Partial<TrainingOptions>) => [
      ...(trainForest(one(-4, -4, 4, 4), { ...rules, ...more }).trees[0]?.threshold ?? []),
    ]
    expect(leaves({ lambda: 0 })).toEqual([1.5, -4, 4])
    expect(leaves({ lambda: 2 })).toEqual([1.5, -2, 2])
    expect(leaves({ lambda: 0, alpha: 2 })).toEqual([1.5, -3, 3])
    expect(leaves({ lambda: 0, alpha: 9 })).toEqual([0])
  })

  test('no leaf weighs less than min_child_weight', () => {
    const { trees } = trainForest(made(300), { ...options, min_child_weight: 20 })
    for (const { left, cover } of trees) {
      left.forEach((child, node) => {
        if (child < 0) expect(cover[node]).toBeGreaterThanOrEqual(20)
      })
    }
  })

  test('absolute error starts at the median and gives each leaf the median of its residuals', () => {
    const data = one(1, 2, 3, 100, 200, 900)
    const forest = trainForest(data, {
      ...{ ...options, objective: 'absolute-error', trees: 1, depth: 1, learning_rate: 1 },
    })
    expect(forest.base_score).toBe(51.5)
    expect(predict(forest, data)).toEqual([2, 2, 2, 200, 200, 200])
  })

  test('an outlier does not move the absolute error', () => {
    const calm = made(300)
    const wild = { ...calm, target: calm.target.map((value, row) => (row % 50 === 0 ? 1e6 : value)) }
    const forest = trainForest(wild, { ...options, objective: 'absolute-error', min_child_weight: 10 })
    const errors = predict(forest, calm).map((value, row) => Math.abs(value - (calm.target[row] as number)))
    expect(errors.sort((a, b) => a - b)[150]).toBeLessThan(1.5)
  })
})

describe('missing values', () => {
  const gaps = (inGap: number, left: number, right: number): TrainingData => ({
    columns: [Float64Array.of(1, 1, 1, 9, 9, 9, Number.NaN, Number.NaN)],
    feature_names: ['x'],
    target: Float64Array.of(left, left, left, right, right, right, inGap, inGap),
  })
  const small = { ...options, depth: 1, trees: 1, learning_rate: 1, lambda: 0 }

  test('go to the side whose rows they resemble', () => {
    expect(trainForest(gaps(0, 0, 10), small).trees[0]?.default_left[0]).toBe(1)
    expect(trainForest(gaps(10, 0, 10), small).trees[0]?.default_left[0]).toBe(0)
  })

  test('are parted from all present ones where that tells most', () => {
    const data = gaps(50, 1, 1)
    expect(predict(trainForest(data, small), data)).toEqual([1, 1, 1, 1, 1, 1, 50, 50])
  })

  test('that training never met go with most rows', () => {
    const ask = createForestEvaluator(trainForest(one(0, 0, 0, 0, 9), small))
    expect(ask(Float64Array.of(Number.NaN))).toBe(ask(Float64Array.of(0)))
  })

  test('in all rows of a column leave it unused', () => {
    const data = made(100)
    const empty = new Float64Array(100).fill(Number.NaN)
    const { trees } = trainForest({ ...data, columns: [empty, ...data.columns.slice(1)] }, options)
    const used = trees.flatMap(({ left, feature }) => [...feature].filter((_, node) => (left[node] as number) >= 0))
    expect(new Set(used)).toEqual(new Set([1, 2]))
  })
})

describe('weights', () => {
  test.each(objectives)('%s: a row of weight 3 counts as the same row three times', (objective) => {
    const data = one(1, 9, 4, 7, 2, 8)
    const weight = Float64Array.of(1, 3, 1, 2, 1, 2)
    const repeated = [0, 1, 1, 1, 2, 3, 3, 4, 5, 5]
    const times = (values: Float64Array) => Float64Array.from(repeated, (row) => values[row] as number)
    const longer = {
      columns: data.columns.map(times),
      feature_names: ['x'],
      target: times(data.target),
      weight: Float64Array.from(repeated, () => 1),
    }
    const weighted = trainForest({ ...data, weight }, { ...options, objective })
    const same = trainForest(longer, { ...options, objective })
    expect(predict(weighted, data)).toEqual(predict(same, data))
  })

  test('a row of weight 0 teaches nothing', () => {
    const weight = Float64Array.of(1, 1, 1, 1, 0)
    const data = { ...one(1, 1, 1, 1, 1000), weight }
    expect(predict(trainForest(data, options), data)).toEqual([1, 1, 1, 1, 1])
  })
})

describe('small and odd data', () => {
  test.each(objectives)('%s: a constant target is predicted as it is', (objective) => {
    const data = { ...made(50), target: new Float64Array(50).fill(4.25) }
    const forest = trainForest(data, { ...options, objective })
    expect(new Set(predict(forest, data))).toEqual(new Set([4.25]))
    expect(forest.trees.every((tree) => tree.left.length === 1)).toBe(true)
  })

  test.each(objectives)('%s: one row is predicted as it is', (objective) => {
    expect(predict(trainForest(one(6.5), { ...options, objective }), one(6.5))).toEqual([6.5])
  })

  test('no column and no tree leave the mean', () => {
    const data = { columns: [], feature_names: [], target: Float64Array.of(1, 3) }
    expect(predict(trainForest(data, options), data)).toEqual([2, 2])
    expect(predict(trainForest(one(1, 3), { ...options, trees: 0 }), one(1, 3))).toEqual([2, 2])
  })

  test('neighbouring float32 values can be told apart', () => {
    const columns = [Float64Array.of(1, Math.fround(1 + 2 ** -23))]
    const data = { columns, feature_names: ['x'], target: Float64Array.of(0, 10) }
    const forest = trainForest(data, { ...options, lambda: 0, learning_rate: 1, trees: 1 })
    expect(predict(forest, data)).toEqual([0, 10])
  })

  test('few bins still find a coarse split', () => {
    const data = made(500)
    const forest = trainForest(data, { ...options, bins: 4 })
    expect(loss(forest, data)).toBeLessThan(loss({ ...forest, trees: [] }, data) / 4)
  })

  test('rows left out of a tree still count for the next', () => {
    const data = made(300)
    const forest = trainForest(data, { ...options, trees: 80, subsample: 0.3 })
    expect(loss(forest, data)).toBeLessThan(loss({ ...forest, trees: [] }, data) / 10)
  })

  test('whatever the rows, each prediction is finite and between the least and the largest target', () => {
    const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.NaN), fc.integer())
    const target = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    const rows = fc.array(fc.tuple(value, value, target, fc.double({ min: 0.01, max: 10, noNaN: true })), {
      minLength: 1,
      maxLength: 40,
    })
    const settings = fc.record({
      objective: fc.constantFrom(...objectives),
      depth: fc.integer({ min: 0, max: 6 }),
      min_child_weight: fc.constantFrom(0, 1, 5),
      lambda: fc.constantFrom(0, 1),
      subsample: fc.constantFrom(0.5, 1),
      bins: fc.constantFrom(2, 3, 128),
    })
    fc.assert(
      fc.property(rows, settings, (given, more) => {
        const data = {
          columns: [Float64Array.from(given, (row) => row[0]), Float64Array.from(given, (row) => row[1])],
          feature_names: ['x', 'y'],
          target: Float64Array.from(given, (row) => row[2]),
          weight: Float64Array.from(given, (row) => row[3]),
        }
        const forest = trainForest(data, { ...options, ...more, trees: 1, learning_rate: 1 })
        const [low, high] = [Math.min(...data.target), Math.max(...data.target)]
        for (const prediction of predict(forest, data)) {
          expect(prediction).toBeGreaterThanOrEqual(low - 1e-3)
          expect(prediction).toBeLessThanOrEqual(high + 1e-3)
        }
      }),
      { numRuns: 300, seed: 11 },
    )
  })
})

describe('what cannot be trained on', () => {
  const reasonsOf = (data: TrainingData, more: Partial<TrainingOptions> = {}): string[] => {
    try {
      trainForest(data, { ...options, ...more })
    } catch (error) {
      if (error instanceof BudError) return error.reasons.map(({ message }) => message)
    }
    return []
  }

  test('is told with every problem at once', () => {
    const data = {
      columns: [Float64Array.of(1, Number.POSITIVE_INFINITY), Float64Array.of(1)],
      feature_names: ['a', 'b', 'c'],
      target: Float64Array.of(1, Number.NaN),
      weight: Float64Array.of(0, -1),
    }
    expect(reasonsOf(data, { depth: 99, subsample: 0, bins: 2.5 })).toEqual([
      'depth must be a whole number of 0 to 16, not 99.',
      `subsample must be a number above 0 to 1, not 0.`,
      'bins must be a whole number of 2 to 254, not 2.5.',
      '2 columns have 3 names.',
      'a is Infinity in row 1: beyond float32.',
      'b has 1 values, the target 2.',
      'The target is NaN in row 1.',
      'The weight is -1 in row 1.',
      'No row has a weight.',
    ])
  })

  test('is a name used twice, or one that XGBoost refuses', () => {
    const columns = ['a', 'a', 'b[0]'].map(() => Float64Array.of(1))
    expect(reasonsOf({ columns, feature_names: ['a', 'a', 'b[0]'], target: Float64Array.of(1) })).toEqual([
      'Two columns are called "a".',
      'XGBoost takes no "b[0]": [, ] and < are its own.',
    ])
  })

  test('is nothing, or rows beyond float32', () => {
    expect(reasonsOf({ columns: [], feature_names: [], target: new Float64Array() })).toEqual([
      'There is no row to train on.',
    ])
    expect(reasonsOf({ ...one(1), columns: [Float64Array.of(1e39)] })).toEqual(['x is 1e+39 in row 0: beyond float32.'])
  })
})
