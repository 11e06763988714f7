import { expect, test } from 'vitest'
import type { Forest, Tree } from './forest.ts'
import { createForestEvaluator } from './forest-evaluator.ts'
import { createSeededRandom } from './seeded-random.ts'

/** Splits at 0.1 and, on the right, at 5 of the other feature. */
const tree = (defaultLeft: number[]): Tree => ({
  left: Int32Array.of(1, -1, 4, -1, -1),
  right: Int32Array.of(2, -1, 3, -1, -1),
  feature: Int32Array.of(0, 0, 1, 0, 0),
  threshold: Float32Array.of(0.1, 1, 5, 2, 4),
  default_left: Uint8Array.from(defaultLeft),
  gain: new Float32Array(5),
  cover: new Float32Array(5),
  weight: new Float32Array(5),
})
const forest = (...trees: Tree[]): Forest => ({
  objective: 'squared-error',
  feature_names: ['x', 'y'],
  base_score: 0.5,
  trees,
})
const left = tree([1, 0, 1, 0, 0])
const right = tree([0, 0, 0, 0, 0])
const ask = (given: Forest, ...row: number[]) => createForestEvaluator(given)(Float64Array.from(row))

test('a value below the condition goes left, one at or above it right, compared in float32', () => {
  expect(ask(forest(left), 0.09, 9)).toBe(1.5)
  expect(ask(forest(left), 0.1, 9)).toBe(2.5)
  expect(ask(forest(left), 0.1, 4.999)).toBe(4.5)
  expect(ask(forest(left), 1e300, -1e300)).toBe(4.5)
})

test('a missing value goes the default way of each node', () => {
  expect(ask(forest(left), Number.NaN, 9)).toBe(1.5)
  expect(ask(forest(right), Number.NaN, 9)).toBe(2.5)
  expect(ask(forest(left), 7, Number.NaN)).toBe(4.5)
  expect(ask(forest(right), 7, Number.NaN)).toBe(2.5)
})

test('any number of trees adds up, in float32', () => {
  for (let count = 0; count <= 9; count++) {
    expect(ask(forest(...new Array<Tree>(count).fill(left)), 0, 0)).toBe(0.5 + count)
  }
  const tenth = { ...left, threshold: Float32Array.of(0.1, 0.1, 5, 2, 4) }
  let sum = 0.5
  for (let i = 0; i < 7; i++) sum = Math.fround(sum + Math.fround(0.1))
  expect(ask(forest(...new Array<Tree>(7).fill(tenth)), 0, 0)).toBe(sum)
})

test('agrees with a plain walk on any rows', () => {
  const random = createSeededRandom(5)
  const value = () =>
    random() < 0.2 ? Number.NaN : random() < 0.5 ? [0.1, 5][Math.floor(random() * 2)] : random() * 10
  const trees = Array.from({ length: 11 }, () => (random() < 0.5 ? left : right))
  const walk = ({ left: lefts, right: rights, feature, threshold, default_left }: Tree, row: Float64Array) => {
    let node = 0
    while ((lefts[node] as number) >= 0) {
      const given = Math.fround(row[feature[node] as number] as number)
      const goesLeft = Number.isNaN(given) ? default_left[node] === 1 : given < (threshold[node] as number)
      node = (goesLeft ? lefts : rights)[node] as number
    }
    return threshold[node] as number
  }
  const evaluate = createForestEvaluator(forest(...trees))
  for (let i = 0; i < 500; i++) {
    const row = Float64Array.from([value(), value()], Number)
    expect(evaluate(row)).toBe(trees.reduce((sum, each) => sum + walk(each, row), 0.5))
  }
})

test('a row of another width is refused', () => {
  expect(() => ask(forest(left), 1)).toThrow('A row of 1 values for a forest of 2 features.')
})
