import fc from 'fast-check'
import { expect, test } from 'vitest'
import { median, weightedMedian } from './weighted-median.ts'

test('a median is the middle value, or the mean of the two', () => {
  expect(median(Float64Array.of(5, 1, 3))).toBe(3)
  expect(median(Float64Array.of(5, 1, 3, 4))).toBe(3.5)
  expect(median(Float64Array.of(-2))).toBe(-2)
})

test('a weighted median is the lowest value at which half of the weight is reached', () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 6 })), { minLength: 1 })
  fc.assert(
    fc.property(
      pairs.filter((list) => list.some(([, weight]) => weight > 0)),
      (list) => {
        const half = list.reduce((sum, [, weight]) => sum + weight, 0) / 2
        const ascending = list.toSorted(([a], [b]) => a - b)
        let reached = 0
        const expected = ascending.find(([, weight]) => {
          reached += weight
          return reached >= half
        })?.[0]
        const values = Float64Array.from(list, ([value]) => value)
        expect(
          weightedMedian(
            values,
            Float64Array.from(list, ([, weight]) => weight),
          ),
        ).toBe(expected)
      },
    ),
    { numRuns: 1000, seed: 3 },
  )
})

test('weights of 0 alone still give one of the values', () => {
  expect([1, 2, 3]).toContain(weightedMedian(Float64Array.of(3, 1, 2), new Float64Array(3)))
})
