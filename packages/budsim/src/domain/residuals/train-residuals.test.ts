import { describe, expect, it } from 'vitest'
import { LLAMA_8B, LLAMA_70B } from '../../testing/fixtures.ts'
import { caseOf, casePhysics } from '../../testing/serving-cases.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import { calibrate } from '../physics/calibrated.ts'
import type { ServingCase } from '../physics/serving-case.ts'
import { createResiduals } from './residual-forests.ts'
import { type CalibratedRow, trainResiduals } from './train-residuals.ts'

const { calibration } = untrainedModel()
/** Long prompts are half as slow again as physics has it; first tokens twice as fast under load. */
const rowOf = (one: ServingCase, slowed = 1): CalibratedRow => {
  const calibrated = calibrate(calibration, one, casePhysics.measure(one))
  const { tpot, ttft, output } = calibrated.figures
  const long = one.inputTokens > 2000 ? 1.5 : 1
  const measured = { tpot: tpot * long * slowed, ttft: (one.concurrency ?? 0) > 8 ? ttft / 2 : ttft, output }
  return { calibrated, measured, weight: 1 }
}
const rows = (scenario: ServingCase['scenario']) =>
  [LLAMA_8B, LLAMA_70B].flatMap((facts) =>
    [1, 2, 4, 8, 16, 32].flatMap((concurrency) =>
      [100, 500, 1000, 3000, 5000, 8000].map((inputTokens) =>
        caseOf({ facts, tensorParallel: 4 }, { scenario, concurrency, inputTokens }),
      ),
    ),
  )
const closed = rows('closed-loop').map((one) => rowOf(one))

describe('training', () => {
  it('learns what physics gets wrong, in what was seen', () => {
    const { correct } = createResiduals(trainResiduals(closed))
    const errors = (target: 'tpot' | 'ttft') =>
      closed.map(({ calibrated, measured }) => Math.abs(correct(calibrated)[target] / measured[target] - 1))
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(errors('tpot'))).toBeLessThan(0.06)
    expect(mean(errors('ttft'))).toBeLessThan(0.12)
  })

  it('makes the same forests of the same rows', () => {
    expect(trainResiduals(closed)).toEqual(trainResiduals(closed))
  })

  it('trains no forest on fewer than thirty rows, nor of a closed loop’s throughput', () => {
    expect(trainResiduals(closed.slice(0, 29)).forests).toEqual([])
    const kinds = trainResiduals(closed).forests.map(({ group, target, role }) => `${group} ${target} ${role}`)
    expect(kinds.sort()).toEqual(['closed-loop tpot narrow', 'closed-loop tpot residual', 'closed-loop ttft residual'])
    const offline = trainResiduals(rows('offline').map((one) => rowOf(one))).forests
    expect(offline.map(({ group, target, role }) => `${group} ${target} ${role}`)).toEqual([
      'rated tpot residual',
      'rated tpot raw',
      'rated ttft residual',
      'rated ttft raw',
      'rated output residual',
    ])
  })

  it('leaves out figures that were not measured', () => {
    const untimed = closed.map((row) => ({ ...row, measured: { ...row.measured, ttft: Number.NaN } }))
    expect(trainResiduals(untimed).forests.map(({ target }) => target)).toEqual(['tpot', 'tpot'])
  })

  it('holds what is far off for other things than speed: the narrow trees never see it', () => {
    const odd = rows('closed-loop').map((one, i) => rowOf(one, i % 3 === 0 ? 40 : 1))
    const narrow = (from: CalibratedRow[]) => trainResiduals(from).forests.find(({ role }) => role === 'narrow')?.forest
    const credible = odd.filter((_, i) => i % 3 !== 0)
    expect(narrow(odd)).toEqual(narrow(credible))
  })

  it('has no narrow trees where hardly any row is credible', () => {
    const odd = rows('closed-loop').map((one) => rowOf(one, 40))
    expect(trainResiduals(odd).forests.map(({ role }) => role)).toEqual(['residual', 'residual'])
  })

  it('remembers which model, GPU and engine met under which kind of load', () => {
    const met = (load: string) =>
      ['32|4096|32|8|128|14336|128256', '80|8192|64|8|128|28672|128256'].map(
        (sizes) => `${load}|${sizes}|0|gqa||H100-SXM-80GB|vllm`,
      )
    expect(trainResiduals(closed).seen).toEqual(met('closed-loop'))
    expect(trainResiduals(rows('offline').map((one) => rowOf(one))).seen).toEqual(met('offline'))
  })
})
