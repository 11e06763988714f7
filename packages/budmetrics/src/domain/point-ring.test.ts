import { describe, expect, it } from 'vitest'
import { fromStoredBuckets, toStoredBuckets } from './buckets.ts'
import { measureMinutes, minuteOf, rollUp } from './minute.ts'
import { type FiveValues, PointRing } from './point-ring.ts'
import { planSeries } from './series-plan.ts'
import type { Slot } from './slot.ts'

const five = (ttft: number | null, queue: number | null): FiveValues => ({
  inference_latency_p99: null,
  ttft_p99: ttft,
  throughput: null,
  gpu_utilization: null,
  queue_depth: queue,
})

describe('PointRing', () => {
  it('has one point for each 10 s and null where nobody wrote', () => {
    const ring = new PointRing()
    ring.write(1_000_000, five(100, 1))
    ring.write(1_020_000, five(300, 3))
    expect(ring.read('ttft_p99', 0, 1_030_000)).toEqual([
      { at_ms: 1_000_000, value: 100 },
      { at_ms: 1_010_000, value: null },
      { at_ms: 1_020_000, value: 300 },
      { at_ms: 1_030_000, value: null },
    ])
  })

  it('keeps the last percentile and the largest queue of a step', () => {
    const ring = new PointRing()
    ring.write(1_000_000, five(100, 9))
    ring.write(1_005_000, five(200, 4))
    expect(ring.read('ttft_p99', 1_000_000, 1_009_999)).toEqual([{ at_ms: 1_000_000, value: 200 }])
    expect(ring.read('queue_depth', 1_000_000, 1_009_999)).toEqual([{ at_ms: 1_000_000, value: 9 }])
  })

  it('forgets what is older than two hours, also when nothing was written since', () => {
    const ring = new PointRing()
    ring.write(0, five(1, 1))
    ring.write(7_200_000, five(2, 2))
    expect(ring.read('ttft_p99', 0, 0)).toEqual([{ at_ms: 0, value: null }])
    expect(ring.read('ttft_p99', 7_200_000, 7_200_000)).toEqual([{ at_ms: 7_200_000, value: 2 }])
  })
})

describe('minutes', () => {
  const slot = (atMs: number, change: Partial<Slot> = {}): Slot => ({
    at_ms: atMs,
    covered_s: 5,
    increase: {
      prompt_tokens: 10,
      generation_tokens: 20,
      seconds: { ttft: 1, tpot: 0, itl: 0, e2e: 0 },
      ttft: [[0.1, 0.5, 4]],
      tpot: [],
      itl: [],
      e2e: [],
    },
    running: 2,
    waiting: 1,
    kv_usage: 0.5,
    gpu_utilization: 40,
    complete: true,
    ...change,
  })

  it('sum what was counted and keep the largest gauges', () => {
    const minute = rollUp(60_000, [slot(60_000), slot(65_000, { waiting: 7, gpu_utilization: null })])
    expect(minute).toMatchObject({
      covered_s: 10,
      generation_tokens: 40,
      waiting_max: 7,
      gpu_percent_sum: 40,
      gpu_samples: 1,
    })
    expect(minute.ttft).toEqual([[0.1, 0.5, 8]])
  })

  it('give percentiles of merged buckets: ten calm minutes do not hide a bad one', () => {
    const calm = rollUp(0, [slot(0, { increase: { ...slot(0).increase, ttft: [[0, 0.1, 10]] } })])
    const bad = rollUp(60_000, [slot(0, { increase: { ...slot(0).increase, ttft: [[1, 2.5, 900]] } })])
    const { ttft_p99, throughput, gpu_utilization } = measureMinutes([...Array(10).fill(calm), bad])
    expect(ttft_p99).toBeCloseTo(1000 + (1500 * (990 - 100)) / 900, 6)
    expect(throughput).toBe(4)
    expect(gpu_utilization).toBe(40)
  })

  it('are gaps where nothing was measured', () => {
    expect(Object.values(measureMinutes([]))).toEqual([null, null, null, null, null])
  })

  it('begin at the full minute', () => {
    expect(minuteOf(119_999)).toBe(60_000)
  })

  it('survive JSON, whose numbers have no Infinity', () => {
    const buckets = [[0.1, 0.5, 4] as const, [0.5, Number.POSITIVE_INFINITY, 1] as const]
    expect(fromStoredBuckets(JSON.parse(JSON.stringify(toStoredBuckets(buckets))))).toEqual(buckets)
  })
})

describe('planSeries', () => {
  it.each([
    [30, 10, 60],
    [120, 10, 60],
    [121, 60, 60],
    [1440, 60, 60],
    [10_080, 300, 300],
  ])('draws %i minutes in steps of %i s, percentiles over %i s', (minutes, step_s, window_s) => {
    expect(planSeries(minutes, 1e12, 60)).toMatchObject({ step_s, window_s })
  })
})
