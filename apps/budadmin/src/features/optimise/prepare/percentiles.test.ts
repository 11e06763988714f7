import type { Prediction } from '@bud/kernel'
import { expect, test } from 'vitest'
import { toPercentileRows, toRateRows } from './percentiles.ts'

const exact = (value: number) => ({ value, low: value / 2, high: value * 2 })
const all = { p50: exact(1), p95: exact(2), p99: exact(3) }
const prediction = {
  ttft_ms: exact(1),
  tpot_ms: exact(1),
  e2e_ms: exact(1),
  output_tokens_per_s: exact(100),
  max_output_tokens_per_s: exact(400),
} as Prediction

test('every percentile carries its interval', () => {
  const rows = toPercentileRows({ ...prediction, percentiles: { ttft_ms: all, tpot_ms: all, e2e_ms: all } })
  expect(rows?.[0]?.p95).toEqual({ value: '2 ms', interval: '1 ms – 4 ms' })
})

test('older predictions have no percentiles, and no rates of one replica', () => {
  expect(toPercentileRows(prediction)).toBeUndefined()
  expect(toRateRows(prediction).map(({ perReplica }) => perReplica)).toEqual([undefined, undefined])
})
