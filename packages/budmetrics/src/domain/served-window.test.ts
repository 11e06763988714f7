import { describe, expect, it } from 'vitest'
import { ServedSum } from './served-window.ts'
import type { Slot } from './slot.ts'

/** Five seconds in which `requests` ended after `e2eS` each. */
const slot = (atMs: number, requests: number, change: Partial<Slot> = {}): Slot => ({
  at_ms: atMs,
  covered_s: 5,
  increase: {
    prompt_tokens: requests * 100,
    generation_tokens: requests * 11,
    seconds: { ttft: requests * 0.05, tpot: requests * 0.02, itl: 0, e2e: requests * 0.25 },
    ttft: requests ? [[0, 0.1, requests]] : [],
    tpot: requests ? [[0, 0.1, requests]] : [],
    itl: [],
    e2e: requests ? [[0, 0.5, requests]] : [],
  },
  running: 1,
  waiting: 0,
  kv_usage: 0.1,
  gpu_utilization: 50,
  complete: true,
  ...change,
})

const windowOf = (...slots: readonly [Slot, readonly string[]][]) => {
  const sum = new ServedSum()
  for (const [one, replicas] of slots) sum.add(one, replicas)
  return sum.toWindow()
}

describe('what was served', () => {
  it('is nothing before a scrape', () => expect(new ServedSum().toWindow()).toBeUndefined())

  it('has exact means, and the requests in flight by Little’s law', () => {
    expect(windowOf([slot(5000, 40), ['a', 'b']], [slot(10_000, 60, { waiting: 3 }), ['b', 'a']])).toEqual({
      from_ms: 0,
      to_ms: 10_000,
      covered_s: 10,
      requests: 100,
      ttft_ms: 50,
      tpot_ms: expect.closeTo(20, 9),
      e2e_ms: 250,
      prompt_tokens: 10_000,
      output_tokens: 1100,
      in_flight: expect.closeTo(2.5, 9),
      waiting_max: 3,
      replicas: 2,
      steady: true,
    })
  })

  it('has no means where nothing ended', () => {
    expect(windowOf([slot(5000, 0), ['a']])).toMatchObject({
      requests: 0,
      ttft_ms: null,
      tpot_ms: null,
      in_flight: null,
    })
  })

  it('is not steady when a replica came, went or did not answer', () => {
    expect(windowOf([slot(5000, 1), ['a']], [slot(10_000, 1), ['a', 'b']])?.steady).toBe(false)
    expect(windowOf([slot(5000, 1), ['a']], [slot(10_000, 1, { complete: false }), ['a']])?.steady).toBe(false)
  })
})
