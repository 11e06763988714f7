import { type Prediction, Workload } from '@bud/kernel'
import { expect, test } from 'vitest'
import { compareTargets, describeTargets } from './targets.ts'

const exact = (value: number) => ({ value, low: null, high: null })
const prediction = {
  ttft_ms_p99: { value: 400, low: 300, high: 600 },
  e2e_ms_p99: exact(4000),
  tpot_ms: exact(20),
  output_tokens_per_s: exact(800),
  max_output_tokens_per_s: exact(3000),
  cost_usd_per_hour: 10,
  cost_usd_per_million_output_tokens: null,
} as Prediction

const workload = Workload.parse({ concurrency: 8 })
const rowOf = (key: string, rows = compareTargets(prediction, { ttft_ms: 500, tokens_per_s: 1000 }, workload, true)) =>
  rows.find((row) => row.key === key)

test('an upper bound that holds says what is spare, a lower bound that does not says by how much', () => {
  expect(rowOf('ttft_ms')?.verdict).toEqual({ tone: 'good', word: 'holds, 20 % spare' })
  expect(rowOf('tokens_per_s')?.verdict).toEqual({ tone: 'bad', word: 'misses by 20 %' })
})

test('the interval is shown where there is one, and reaches over the limit on the bar', () => {
  const row = rowOf('ttft_ms')
  expect(row?.interval).toBe('300 ms – 600 ms')
  expect(row?.bar?.high).toBeGreaterThan(row?.bar?.limit ?? 100)
  expect(rowOf('e2e_ms')?.interval).toBeUndefined()
})

test('a figure without a limit is shown without a verdict', () => {
  expect(rowOf('e2e_ms')).toMatchObject({ predicted: '4 s', limit: undefined, verdict: undefined, bar: undefined })
})

test('an unknown price is unknown, never free', () => {
  const rows = compareTargets({ ...prediction, cost_usd_per_hour: null }, { budget_usd_per_hour: 5 }, workload, true)
  expect(rowOf('budget_usd_per_hour', rows)).toMatchObject({
    predicted: 'unknown: no price',
    verdict: { tone: 'warn', word: 'unknown' },
  })
})

test('where a rate is asked for, the throughput limit is held against what could be served', () => {
  const rows = compareTargets(prediction, { tokens_per_s: 1000 }, Workload.parse({ request_rate_per_s: 3 }), true)
  expect(rowOf('tokens_per_s', rows)).toMatchObject({ predicted: '3,000 tokens/s', verdict: { tone: 'good' } })
})

test('a month counts 730 hours', () => {
  const rows = compareTargets(prediction, { budget_usd_per_month: 10_000 }, workload, true)
  expect(rowOf('budget_usd_per_month', rows)?.predicted).toBe('$7,300')
})

test('limits in one line', () => {
  expect(describeTargets({ ttft_ms: 500, budget_usd_per_hour: 20 })).toBe('TTFT ≤ 500 ms, ≤ $20.00 an hour')
  expect(describeTargets({})).toBe('no limits')
})

test('where nothing is held for sure, an interval beyond the limit is a doubt', () => {
  const [row] = compareTargets(prediction, { ttft_ms: 500 }, workload, false)
  expect(row?.verdict).toEqual({ tone: 'warn', word: '20 % spare, not surely' })
  const [roomy] = compareTargets(prediction, { ttft_ms: 700 }, workload, false)
  expect(roomy?.verdict?.tone).toBe('good')
})

test('an interval is drawn without a limit as well', () => {
  const [row] = compareTargets(prediction, {}, workload, true)
  expect(row?.bar).toMatchObject({ high: 85, limit: undefined })
})
