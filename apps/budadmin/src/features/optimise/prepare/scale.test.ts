import { expect, test } from 'vitest'
import { toScale } from './scale.ts'

test('near values stand on a linear axis from zero', () => {
  const { place, ticks } = toScale([3, 4, 9])
  expect(place(0)).toBe(0)
  expect(place(9)).toBeGreaterThan(0.8)
  expect(ticks).toEqual([0, 2, 4, 6, 8, 10])
})

test('values far apart stand on a logarithmic one, each factor the same way', () => {
  const { place, ticks } = toScale([3.5, 72])
  expect(place(7) - place(3.5)).toBeCloseTo(place(72) - place(36))
  expect(ticks).toEqual([5, 10, 20, 50])
  expect(toScale([1, 1e6]).ticks.length).toBeLessThanOrEqual(8)
})

test('all values and ticks lie on the axis', () => {
  for (const values of [[5], [1, 100], [0.002, 0.9], [900, 40_000]]) {
    const { place, ticks } = toScale(values)
    for (const value of [...values, ...ticks]) {
      expect(place(value)).toBeGreaterThanOrEqual(0)
      expect(place(value)).toBeLessThanOrEqual(1)
    }
  }
})
