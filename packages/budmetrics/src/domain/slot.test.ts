import { describe, expect, it } from 'vitest'
import { increaseBetween } from './increase.ts'
import { measure } from './measurement.ts'
import type { ReplicaReading } from './replica-reading.ts'
import { makeSlot, type ReplicaState } from './slot.ts'

const INF = Number.POSITIVE_INFINITY
const reading = (change: Partial<ReplicaReading> = {}): ReplicaReading => ({
  running: 0,
  waiting: 0,
  kv_usage: 0,
  prompt_tokens: 0,
  generation_tokens: 0,
  ttft: null,
  tpot: null,
  itl: null,
  e2e: null,
  ...change,
})
const at = (second: number, change: Partial<ReplicaReading> = {}): ReplicaState => ({
  reading: reading(change),
  read_at_ms: second * 1000,
})
const ttft = (...counts: number[]) => ({ bounds: [0.1, 0.5, INF], counts })

describe('increaseBetween', () => {
  it('is the difference of the counters', () => {
    const increase = increaseBetween(
      reading({ generation_tokens: 100, prompt_tokens: 10, ttft: ttft(1, 4, 4) }),
      reading({ generation_tokens: 150, prompt_tokens: 10, ttft: ttft(1, 6, 7) }),
    )
    expect(increase).toMatchObject({ generation_tokens: 50, prompt_tokens: 0 })
    expect(increase.ttft).toEqual([
      [0.1, 0.5, 2],
      [0.5, INF, 1],
    ])
  })

  it('counts everything as new after a restart, also figures that have passed their old value', () => {
    const increase = increaseBetween(
      reading({ generation_tokens: 100, prompt_tokens: 10, ttft: ttft(1, 2, 2) }),
      reading({ generation_tokens: 40, prompt_tokens: 30, ttft: ttft(3, 5, 5) }),
    )
    expect(increase).toMatchObject({ generation_tokens: 40, prompt_tokens: 30 })
    expect(increase.ttft).toEqual([
      [0, 0.1, 3],
      [0.1, 0.5, 2],
    ])
  })

  it('sees a restart in one bucket alone', () => {
    const increase = increaseBetween(reading({ ttft: ttft(3, 3, 3) }), reading({ ttft: ttft(0, 4, 4) }))
    expect(increase.ttft).toEqual([[0.1, 0.5, 4]])
  })

  it('takes other bounds for a restart', () => {
    const increase = increaseBetween(
      reading({ ttft: ttft(3, 3, 3) }),
      reading({ ttft: { bounds: [0.2, 0.5, INF], counts: [3, 5, 5] } }),
    )
    expect(increase.ttft).toEqual([
      [0, 0.2, 3],
      [0.2, 0.5, 2],
    ])
  })

  it('counts a histogram from zero that appears with the first request', () => {
    expect(increaseBetween(reading(), reading({ ttft: ttft(2, 2, 2) })).ttft).toEqual([[0, 0.1, 2]])
  })
})

describe('makeSlot', () => {
  it('adds replicas up and keeps the fullest KV cache', () => {
    const slot = makeSlot(
      10_000,
      [
        {
          previous: at(5, { generation_tokens: 100 }),
          current: at(10, { generation_tokens: 200, waiting: 3, running: 8, kv_usage: 0.4 }),
        },
        {
          previous: at(5, { generation_tokens: 50 }),
          current: at(10, { generation_tokens: 80, waiting: 1, running: 2, kv_usage: 0.7 }),
        },
      ],
      55,
      5000,
    )
    expect(slot).toMatchObject({
      covered_s: 5,
      waiting: 4,
      running: 10,
      kv_usage: 0.7,
      gpu_utilization: 55,
      complete: true,
    })
    expect(slot.increase.generation_tokens).toBe(130)
  })

  it('measures nothing from the first reading of a replica: it may have counted for days', () => {
    const slot = makeSlot(5000, [{ previous: null, current: at(5, { generation_tokens: 1e9 }) }], null, null)
    expect(slot).toMatchObject({ covered_s: 0, increase: { generation_tokens: 0 }, complete: true })
  })

  it('covers a missed scrape with the next one, without counting the time twice', () => {
    const missed = makeSlot(
      10_000,
      [
        { previous: at(5), current: at(10, { generation_tokens: 50 }) },
        { previous: at(5), current: at(5) },
      ],
      null,
      5000,
    )
    const next = makeSlot(
      15_000,
      [
        { previous: at(10, { generation_tokens: 50 }), current: at(15, { generation_tokens: 100 }) },
        { previous: at(5), current: at(15, { generation_tokens: 100 }) },
      ],
      null,
      10_000,
    )
    // 50 + 50 tokens of one replica and 100 of the other in 10 s.
    expect(measure([missed, next], 60).metrics.throughput.value).toBe(20)
  })

  it('lets a replica’s gauges stand for 15 s and says that the picture is not complete', () => {
    const replicas = (second: number) => [
      { previous: null, current: at(0, { waiting: 5 }) },
      { previous: null, current: at(second, { waiting: 1 }) },
    ]
    expect(makeSlot(14_000, replicas(14), null, null)).toMatchObject({ waiting: 6, complete: true })
    expect(makeSlot(15_000, replicas(15), null, null)).toMatchObject({ waiting: 1, complete: false })
  })

  it('does not draw what happened in a long hole into one window', () => {
    const slot = makeSlot(120_000, [{ previous: at(5), current: at(120, { generation_tokens: 1e6 }) }], null, null)
    expect(slot).toMatchObject({ covered_s: 0, increase: { generation_tokens: 0 } })
  })
})

describe('measure', () => {
  it('has gaps, not zeros, where nothing was measured', () => {
    const { metrics, in_flight, waiting_max } = measure([], 60)
    expect(Object.values(metrics).map((metric) => metric.value)).toEqual([null, null, null, null, null])
    expect([in_flight, waiting_max]).toEqual([null, null])
  })

  it('has a throughput of zero, not a gap, when engines answer and produce nothing', () => {
    const slot = makeSlot(10_000, [{ previous: at(5), current: at(10) }], null, 5000)
    const { metrics, in_flight } = measure([slot], 60)
    expect(metrics.throughput.value).toBe(0)
    expect(metrics.queue_depth.value).toBe(0)
    expect(metrics.ttft_p99).toEqual({ value: null, samples: 0 })
    expect(in_flight).toBe(0)
  })

  it('takes percentiles from the merged buckets of the window, in milliseconds', () => {
    const slots = [0, 1].map((i) =>
      makeSlot(
        10_000 + i * 5000,
        [
          {
            previous: at(5 + i * 5, { ttft: ttft(0, 0, 0) }),
            current: at(10 + i * 5, { ttft: ttft(...(i ? [0, 2, 2] : [98, 98, 98])) }),
          },
        ],
        i ? 100 : 50,
        5000 + i * 5000,
      ),
    )
    const { metrics } = measure(slots, 60)
    expect(metrics.ttft_p99.samples).toBe(100)
    expect(metrics.ttft_p99.value).toBeCloseTo(300, 9)
    expect(metrics.gpu_utilization.value).toBe(75)
  })
})
