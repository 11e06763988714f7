import type { EndpointMetrics } from '@bud/contract'
import type { Prediction } from '@bud/kernel'
import { expect, test } from 'vitest'
import { isolatedPoints, legendText, toChartViews, toScale } from './chart.ts'

const at = (second: number) => new Date(Date.parse('2026-05-04T12:00:00.000Z') + second * 1000).toISOString()

const metrics: EndpointMetrics = {
  endpoint_id: 'ep-1',
  from: at(0),
  to: at(600),
  step_s: 10,
  window_s: 60,
  series: [
    {
      metric: 'queue_depth',
      unit: 'requests',
      source: 'vllm /metrics',
      latest: null,
      points: [],
    },
    {
      metric: 'ttft_p99',
      unit: 'ms',
      source: 'vllm /metrics',
      latest: 620,
      points: [
        { at: at(0), value: 100 },
        { at: at(10), value: null },
        { at: at(20), value: 300 },
        { at: at(120), value: 620 },
      ],
    },
  ],
  rules: [
    {
      metric: 'ttft_p99',
      op: '>',
      threshold: 500,
      for_s: 60,
      min_samples: 20,
      only_when_queued: false,
      source: 'approved-target',
    },
  ],
  predicted: [],
  usage: { requests: 0, failed_requests: 0, prompt_tokens: 0, completion_tokens: 0 },
}

const prediction = { ttft_ms_p99: { value: 280, low: 200, high: 450 } } as Prediction

const [ttft, queue] = toChartViews(metrics, prediction)
if (!ttft || !queue) throw new Error('both series must be shown')

test('missing is a gap, not a zero: nulls stay, and a hole between points gets one', () => {
  expect(ttft.values).toEqual([100, null, 300, null, 620])
  expect(ttft.times).toHaveLength(5)
})

test('a chart says threshold, where it is from, prediction, window and source', () => {
  expect(ttft.threshold).toEqual({ value: 500, label: 'alert > 500 ms (approved limit)' })
  expect(ttft.predicted?.label).toBe('predicted 280 ms, 80 %: 200 ms – 450 ms')
  expect(ttft.note).toBe('over 1 min · vllm /metrics')
  expect(ttft.summary).toBe(
    'Time to first token, p99: now 620 ms, threshold 500 ms, predicted 280 ms, 80 %: 200 ms – 450 ms',
  )
})

test('a value beyond its threshold asks for a look, nothing measured asks for nothing', () => {
  expect(ttft.tone).toBe('warn')
  expect(queue.tone).toBe('idle')
  expect(queue.summary).toBe('Queue depth: nothing measured now')
})

test('a value without a neighbour is drawn as a point, the others as a line', () => {
  expect(isolatedPoints([7])).toEqual([0])
  expect(isolatedPoints(ttft.values)).toEqual([0, 2, 4])
  expect(isolatedPoints([1, 2, null, 0, null, 4, 5])).toEqual([3])
  expect(isolatedPoints([null, null])).toEqual([])
})

test('a threshold far above everything measured does not flatten the line', () => {
  expect(toScale(ttft).marks).toEqual({ threshold: true, predicted: true })
  const low = { ...ttft, values: [10, 12], predicted: undefined }
  expect(toScale(low)).toEqual({ max: 12 * 1.12, marks: { threshold: false, predicted: false } })
  const near = { ...ttft, values: [170] }
  expect(toScale(near)).toEqual({ max: 500 * 1.12, marks: { threshold: true, predicted: true } })
  expect(toScale({ ...near, values: [160] }).marks).toEqual({ threshold: false, predicted: true })
})

test('the predicted interval is drawn and judged; without one only the value is', () => {
  expect(ttft.predicted?.band).toEqual({ low: 200, high: 450 })
  expect(ttft.agreement?.word).toBe('slower than predicted')
  const exact = { ttft_ms_p99: { value: 280, low: null, high: null } } as Prediction
  const [old] = toChartViews(metrics, exact)
  expect(old?.predicted).toEqual({ value: 280, label: 'predicted 280 ms', band: undefined })
  expect(old?.agreement).toBeUndefined()
  expect(toChartViews(metrics, null)[0]?.predicted).toBeUndefined()
})

test('the legend says of a line that cannot be seen that it is off the scale', () => {
  const mark = { value: 384, label: 'predicted 384 ms' }
  expect(legendText(mark, true)).toBe('predicted 384 ms')
  expect(legendText(mark, false)).toBe('predicted 384 ms, off scale')
})

test('the metrics stand in one order, whatever the server sends first', () => {
  expect([ttft.metric, queue.metric]).toEqual(['ttft_p99', 'queue_depth'])
})
