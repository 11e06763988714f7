import type { Optimization } from '@bud/contract'
import { expect, test } from 'vitest'
import { addressOfPoint, chosenOf, pointOf } from './choices.ts'

const of = (replicas: number) => ({ deployment: { replicas } })
const result = {
  feasible: true,
  candidates: [of(1), of(2)],
  nearest_misses: [],
  pareto: [of(1), of(8), of(2)],
} as unknown as Optimization

test('a point of the front that is a candidate has the address of the candidate', () => {
  expect(addressOfPoint(result, 2)).toEqual({ candidate: 1, point: undefined })
  expect(addressOfPoint(result, 1)).toEqual({ candidate: undefined, point: 1 })
})

test('the address says what is shown; one that leads nowhere shows the first', () => {
  expect(chosenOf(result, { point: 1 })).toMatchObject({ candidate: of(8), index: undefined })
  expect(chosenOf(result, { candidate: 1 })).toMatchObject({ candidate: of(2), index: 1, title: 'Alternative 1' })
  expect(chosenOf(result, { candidate: 99 })).toMatchObject({ candidate: of(1), index: 0 })
  expect(chosenOf({ ...result, pareto: undefined }, { point: 1 })).toMatchObject({ candidate: of(1) })
})

test('what is shown is found on the front again', () => {
  const choice = chosenOf(result, { candidate: 1 })
  expect(choice && pointOf(result, choice)).toBe(2)
  expect(choice && pointOf({ ...result, pareto: [of(5)] } as unknown as Optimization, choice)).toBeUndefined()
})

test('the nearest misses are shown only when nothing holds the limits', () => {
  const missed = { ...result, feasible: false, candidates: [], nearest_misses: [of(3)] } as unknown as Optimization
  expect(chosenOf(missed, {})).toMatchObject({ candidate: of(3), title: 'Nearest miss' })
  expect(chosenOf({ ...missed, nearest_misses: [] }, {})).toBeUndefined()
})
