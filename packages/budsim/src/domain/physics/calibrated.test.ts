import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, gpuOf, LLAMA_70B } from '../../testing/fixtures.ts'
import { caseOf, casePhysics } from '../../testing/serving-cases.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import { calibrate } from './calibrated.ts'
import { firstTokenParts } from './first-token-parts.ts'
import { HEADS, headOf } from './heads.ts'
import type { Scenario, ServingCase } from './serving-case.ts'
import { decodingThroughput, stepTimes, subjectOf, tpotMs } from './step-calibration.ts'
import { firstTokenMs, firstTokenSubject } from './ttft-calibration.ts'

const { calibration } = untrainedModel()
type Query = Parameters<typeof caseOf>[0]
const of = (stated: Partial<ServingCase> = {}, query: Query = { facts: LLAMA_70B, tensorParallel: 4 }) => {
  const one = caseOf(query, stated)
  return calibrate(calibration, one, casePhysics.measure(one))
}
const rising = (values: readonly number[]) => expect(values).toEqual(values.toSorted((a, b) => a - b))

describe('step times by the priors alone', () => {
  const physics = casePhysics.measure(caseOf())
  const subject = subjectOf(caseOf(), physics, 'closed-loop')
  const { step } = calibration['closed-loop']
  const times = stepTimes(step, subject)

  it('are the kernels’ and the host’s: 0.3 ms a step, 3 µs a layer and a sequence', () => {
    const layers = subject.case.build.facts.layers
    expect(times.stepMs).toBeCloseTo(physics.decodeMs + 0.3 + 0.003 * layers + 0.003 * physics.batch)
    expect(times.prefillMs).toBeCloseTo(physics.prefillMs)
    expect(times.interferenceMs).toBeCloseTo(physics.interferenceMs)
  })

  it('follow the coefficients of their part, engine and vendor alone', () => {
    const doubled = { ...step, parts: [2, 1, 1, 1, 1] }
    expect(stepTimes(doubled, subject).stepMs - times.stepMs).toBeCloseTo(physics.decode.gemm)
    const engines = { ...step, engine_scale: [1, 5, 5, 5, 5] }
    expect(stepTimes(engines, subject)).toEqual(times)
    expect(stepTimes({ ...step, engine_scale: [2, 1, 1, 1, 1] }, subject).promptMs).toBeCloseTo(2 * times.promptMs)
    const amd = subjectOf(caseOf({ gpu: gpuOf('MI300X-192GB') }), physics, 'closed-loop')
    expect(stepTimes(step, amd).prefillMs).toBeCloseTo(1.2 * times.prefillMs)
  })

  it('wait for prompts in between, except in a static batch, which has none', () => {
    expect(tpotMs('closed-loop', times)).toBeCloseTo(times.stepMs + times.interferenceMs)
    expect(tpotMs('static-batch', times)).toBe(times.stepMs)
  })

  it('share the host’s work between the tokens that speculation accepts', () => {
    const drafting = { ...subject, physics: { ...physics, acceptedPerStep: 3 } }
    const hostMs = times.stepMs - physics.decodeMs
    expect(stepTimes(step, drafting).stepMs).toBeCloseTo(physics.decodeMs + hostMs / 3)
  })

  it('make the throughput of a static batch from its start to its end', () => {
    const one = caseOf({}, { scenario: 'static-batch', outputTokens: 100, concurrency: 8 })
    const own = subjectOf(one, casePhysics.measure(one), 'static-batch')
    const known = { stepMs: 10, prefillMs: 50, promptMs: 5, interferenceMs: 7 }
    expect(decodingThroughput(own, known)).toBeCloseTo(((8 * 100) / (8 * 5 + 99 * 10)) * 1e3)
    expect(decodingThroughput({ ...own, head: 'offline' }, known)).toBeCloseTo((8 / 17) * 1e3)
  })
})

describe('time to first token', () => {
  it('grows with the prompt, the load and the model, in milliseconds', () => {
    rising([128, 1024, 8192, 32768].map((inputTokens) => of({ inputTokens }).figures.ttft))
    rising([1, 8, 64, 256].map((concurrency) => of({ concurrency, kvCacheBytes: 70e9 }).figures.ttft))
    expect(of().figures.ttft).toBeGreaterThan(of({}, {}).figures.ttft)
    expect(of({ concurrency: 1 }).figures.ttft).toBeGreaterThan(10)
    expect(of({ concurrency: 1 }).figures.ttft).toBeLessThan(200)
  })

  it('holds the wait for a place, an answer long at most in a closed loop', () => {
    const at = (concurrency: number) => of({ concurrency, maxNumSeqs: 16 })
    const [free, twice, often] = [at(16), at(35.2), at(1600)]
    const answerMs = 256 * free.figures.tpot
    expect(twice.figures.ttft - free.figures.ttft).toBeCloseTo(answerMs, 3)
    expect(often.figures.ttft).toBeCloseTo(twice.figures.ttft)
  })

  it('waits for the scheduler where a recipe says so', () => {
    const waited = of({ schedulerWaitSteps: 20 }).figures.ttft - of().figures.ttft
    expect(waited).toBeCloseTo(20 * of().figures.tpot)
  })

  it('adds what a client that starts its requests in turn counts', () => {
    const [plain, counted] = [of(), of({ clientShare: 0.75 })]
    const answerMs = plain.figures.ttft + 255 * plain.figures.tpot
    expect(counted.figures.ttft - plain.figures.ttft).toBeCloseTo((0.75 * answerMs) / 16)
  })

  it('of TensorRT-LLM before 1.1 launches experts as it did then', () => {
    const query = { facts: { ...DEEPSEEK_V3, mla: null }, tensorParallel: 8, engine: 'tensorrt-llm' } as const
    const at = (engineVersion: string) => of({ engineVersion, concurrency: 1, inputTokens: 64 }, query).figures.ttft
    expect(at('1.0.0')).toBeGreaterThan(1.3 * at('1.2.0'))
  })

  it('is no other than the sum of what it waits for, all of it positive', () => {
    for (const stated of [
      {},
      { concurrency: 64, maxNumSeqs: 16 },
      { schedulerWaitSteps: 10 },
      { scenario: 'offline' },
    ]) {
      const { firstToken, subject } = of(stated as Partial<ServingCase>)
      const forms = calibration[subject.head].ttft
      const parts = Object.values(firstTokenParts(forms, firstToken, 123))
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(123)
      for (const part of parts) expect(part).toBeGreaterThanOrEqual(0)
    }
    const waiting = of({ concurrency: 64, maxNumSeqs: 16 })
    const parts = firstTokenParts(calibration['closed-loop'].ttft, waiting.firstToken, 100)
    expect(parts.waitMs).toBeGreaterThan(50)
    expect(firstTokenParts(calibration['closed-loop'].ttft, of().firstToken, 100).waitMs).toBe(0)
  })

  it('never falls when anything it waits for grows', () => {
    for (const head of HEADS) {
      const one = caseOf()
      const { step, ttft } = calibration[head]
      const subject = { ...subjectOf(one, casePhysics.measure(one), headOf(one)), head, engine: 0 }
      const first = firstTokenSubject(subject, stepTimes(step, subject))
      for (const form of ttft) {
        for (const cause of [
          'prefillMs',
          'promptMs',
          'stepMs',
          'waitMs',
          'promptQueueMs',
          'batch',
          'layers',
        ] as const) {
          const more = { ...first, [cause]: 2 * first[cause] + 1 }
          expect(firstTokenMs(form, more), `${head} ${cause}`).toBeGreaterThan(firstTokenMs(form, first))
        }
      }
    }
  })
})

describe('throughput', () => {
  it('of a closed loop is what its latencies leave', () => {
    const { figures } = of({ concurrency: 24 })
    expect(figures.output).toBeCloseTo(((24 * 256) / (figures.ttft + 255 * figures.tpot)) * 1e3)
  })

  it('under a rate is the rate’s', () => {
    expect(of({ scenario: 'open-loop', concurrency: null, requestsPerS: 1.5 }).figures.output).toBe(1.5 * 256)
  })

  it('of bursts and offline runs is what all replicas decode', () => {
    const of4 = (scenario: Scenario) => {
      const stated = { scenario, concurrency: null, maxNumSeqs: 32, requestsPerS: null }
      return of({ ...stated, replicas: 4 }).figures.output / of(stated).figures.output
    }
    expect(of4('offline')).toBeCloseTo(4)
    expect(of4('burst')).toBeCloseTo(4)
  })

  it('of a burst in waves counts every wave, and its first tokens wait for those before them', () => {
    const burst = { scenario: 'burst', requestsPerS: Number.POSITIVE_INFINITY, maxNumSeqs: 32 } as const
    const [one, ten] = [of({ ...burst, concurrency: 32 }), of({ ...burst, concurrency: 320 })]
    expect(ten.figures.output).toBeCloseTo(one.figures.output)
    expect(ten.figures.ttft).toBeGreaterThan(3 * 256 * ten.times.stepMs)
  })

  it('with every place taken is never less than the load’s', () => {
    for (const concurrency of [1, 16, 128]) {
      const { saturated, times, subject } = of({ concurrency, kvCacheBytes: 70e9 })
      expect(saturated).toBeGreaterThanOrEqual(0.999 * decodingThroughput(subject, times))
    }
  })
})
