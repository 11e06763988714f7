import { describe, expect, it } from 'vitest'
import { LLAMA_8B, LLAMA_70B } from '../../testing/fixtures.ts'
import { caseOf, casePhysics } from '../../testing/serving-cases.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import { type Calibration, calibrate } from './calibrated.ts'
import { fitCalibration, type MeasuredSubject } from './fit-calibration.ts'
import { HEADS } from './heads.ts'
import type { ServingCase } from './serving-case.ts'

const priors = untrainedModel().calibration
const prior = priors['closed-loop']
/** What measurements would be if the machines were slower than the physics in every part, and requests costlier. */
const truth: Calibration = {
  ...priors,
  'closed-loop': {
    step: { ...prior.step, parts: [1.2, 1.2, 1.2, 1.2, 1.2], step_ms: [0.9] },
    ttft: prior.ttft.map((form) => ({
      ...form,
      engine_request_ms: form.engine_request_ms?.map((ms) => 1.5 * ms) ?? [],
    })),
  },
}

const cases = [LLAMA_8B, LLAMA_70B].flatMap((facts) =>
  [1, 2, 4].flatMap((tensorParallel) =>
    [1, 4, 16, 64].flatMap((concurrency) =>
      [128, 1024, 8192].flatMap((inputTokens) =>
        (['vllm', 'sglang'] as const).map((engine) =>
          caseOf({ facts, tensorParallel, engine }, { concurrency, inputTokens, kvCacheBytes: 100e9 }),
        ),
      ),
    ),
  ),
)

const measuredAs = (calibration: Calibration, one: ServingCase): MeasuredSubject => {
  const { subject, figures } = calibrate(calibration, one, casePhysics.measure(one))
  return {
    subject,
    logTtft: Math.log(figures.ttft),
    logTpot: Math.log(figures.tpot),
    logOutput: Math.log(figures.output),
    // As many rows as the measured ones are.
    weight: 4,
  }
}
const rows = cases.map((one) => measuredAs(truth, one))

/** Mean error of time per token and of first tokens, on loads and lengths that are not among the rows. */
function errorsOf(calibration: Calibration): { tpot: number; ttft: number } {
  const unseen = [LLAMA_8B, LLAMA_70B].flatMap((facts) =>
    [3, 30].map((concurrency) =>
      caseOf({ facts, tensorParallel: 2 }, { concurrency, inputTokens: 3000, kvCacheBytes: 100e9 }),
    ),
  )
  const mean = (target: 'tpot' | 'ttft') =>
    unseen.reduce((sum, one) => {
      const physics = casePhysics.measure(one)
      const [fitted, true_] = [calibration, truth].map((each) => calibrate(each, one, physics).figures[target])
      return sum + Math.abs((fitted ?? 0) / (true_ ?? 1) - 1)
    }, 0) / unseen.length
  return { tpot: mean('tpot'), ttft: mean('ttft') }
}

describe('calibration', () => {
  it('learns from measured rows what the physics is off by', () => {
    const before = errorsOf(priors)
    expect(before.tpot).toBeGreaterThan(0.12)
    expect(before.ttft).toBeGreaterThan(0.04)
    const after = errorsOf(fitCalibration(rows))
    expect(after.tpot).toBeLessThan(0.03)
    expect(after.ttft).toBeLessThan(before.ttft / 3)
  })

  it('is hardly moved by rows that are far off', () => {
    const wrong = rows.map((row, i) => (i % 12 === 0 ? { ...row, logTpot: (row.logTpot ?? 0) + 3, logTtft: 12 } : row))
    const after = errorsOf(fitCalibration(wrong))
    expect(after.tpot).toBeLessThan(0.04)
    expect(after.ttft).toBeLessThan(0.05)
  })

  it('keeps its priors where there are few rows, and for every head without any', () => {
    const few = fitCalibration(rows.slice(0, 9))
    for (const head of HEADS) expect(few[head], head).toEqual(priors[head])
    const many = fitCalibration(rows)
    for (const head of HEADS.filter((one) => one !== 'closed-loop')) expect(many[head], head).toEqual(priors[head])
  })

  it('learns each figure from the rows that state it', () => {
    const untimed = fitCalibration(rows.map((row) => ({ ...row, logTtft: null })))
    expect(untimed['closed-loop'].ttft).toEqual(prior.ttft)
    expect(errorsOf(untimed).tpot).toBeLessThan(0.03)
  })
})
