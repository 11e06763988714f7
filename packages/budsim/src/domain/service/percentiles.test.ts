import { Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { percentilesOf } from './percentiles.ts'
import type { ReplicaService } from './replica-service.ts'
import { lengthSpread, quantileFactor, spreadOfTail } from './spread.ts'
import { NO_WAIT } from './waiting.ts'

const service: ReplicaService = {
  slowness: 1,
  point: { ttftMs: 100, promptMs: 60, tpotMs: 10 },
  promptWaitMs: 0,
  slotWait: NO_WAIT,
  evenWaitMs: 0,
  ttftMs: 100,
  e2eMs: 2650,
  requestsPerMs: 0.001,
  maxRequestsPerMs: 0.01,
  batch: 4,
  saturated: false,
}

describe('percentiles', () => {
  it('have the measured tails where lengths are fixed', () => {
    const of = percentilesOf(service, Workload.parse({}))
    expect(of.ttftMs.p99).toBeCloseTo(140, 4)
    expect(of.tpotMs.p99).toBeCloseTo(12.5, 4)
    expect(percentilesOf({ ...service, promptWaitMs: 50 }, Workload.parse({})).ttftMs.p99).toBeCloseTo(290, 4)
  })

  it('follow the lengths of prompts and answers', () => {
    const plain = percentilesOf(service, Workload.parse({}))
    const prompts = percentilesOf(service, Workload.parse({ input_tokens_cv: 1 }))
    expect(prompts.ttftMs.p99).toBeGreaterThan(plain.ttftMs.p99 * 1.5)
    expect(prompts.tpotMs).toEqual(plain.tpotMs)
    const answers = percentilesOf(service, Workload.parse({ output_tokens_cv: 1 }))
    expect(answers.ttftMs).toEqual(plain.ttftMs)
    // The 99th percentile of lognormal lengths with a mean of 256 and a cv of 1 is 1252.
    expect(answers.e2eMs.p99 / (1252 * 10)).toBeGreaterThan(1)
    expect(answers.e2eMs.p99 / (1252 * 10)).toBeLessThan(1.1)
  })

  it('of lognormal lengths keep the mean', () => {
    for (const cv of [0, 0.3, 1, 3]) {
      const spread = lengthSpread(cv)
      expect(Math.exp(spread ** 2) - 1).toBeCloseTo(cv ** 2, 9)
      expect(quantileFactor('p50', spread)).toBeCloseTo(1 / Math.sqrt(1 + cv ** 2), 9)
    }
    expect(quantileFactor('p99', spreadOfTail(3))).toBeCloseTo(3, 6)
  })
})
