import { describe, expect, it } from 'vitest'
import { TARGETS } from '../../domain/physics/calibrated.ts'
import { subjectOf } from '../../domain/physics/step-calibration.ts'
import { gpus, kernels, LLAMA_8B, models } from '../../testing/fixtures.ts'
import { caseOf, casePhysics, measuredRowOf } from '../../testing/serving-cases.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import { createCasePredictor } from '../case-predictor.ts'
import type { LeftOutPrediction } from '../training/cross-validate.ts'
import { judgeLeftOut, judgeRows } from './judge-rows.ts'

const predictor = createCasePredictor(untrainedModel(), kernels)
const judge = (rows: Parameters<typeof judgeRows>[0]) => judgeRows(rows, { gpus, models }, predictor)

describe('rows beside the model’s predictions', () => {
  it('keep what was measured, and what was predicted with its intervals', () => {
    const { judged, unanswered } = judge([measuredRowOf({}, { tpot_ms: 9, ttft_ms: 80 })])
    expect(unanswered.size).toBe(0)
    const [one] = judged
    expect(one?.measured).toEqual({ tpot: 9, ttft: 80, output: Number.NaN })
    for (const target of TARGETS) {
      expect(one?.predicted[target]).toBeGreaterThan(one?.intervals[target].low ?? Number.NaN)
      expect(one?.predicted[target]).toBeLessThan(one?.intervals[target].high ?? Number.NaN)
    }
  })

  it('that have none are counted by why', () => {
    const { judged, unanswered } = judge([
      measuredRowOf(),
      measuredRowOf({ model: 'nobody/knows' }),
      measuredRowOf({ gpu: 'H900' }),
      measuredRowOf({ gpu: 'H900' }),
      measuredRowOf({ num_gpus: 2, tp: 4 }),
    ])
    expect(judged).toHaveLength(1)
    expect([...unanswered]).toEqual([
      ['model nobody/knows is not in the catalogue', 1],
      ['GPU H900 is not in the catalogue', 2],
      [expect.stringContaining('tp × pp × dp is 4'), 1],
    ])
  })
})

it('rows left out are judged by intervals that other folds make', () => {
  const one = caseOf({ facts: LLAMA_8B })
  const physics = casePhysics.measure(one)
  const of = (fold: number, tpot: number): LeftOutPrediction => ({
    fold,
    row: {
      ...{ from: measuredRowOf(), case: one, physics, subject: subjectOf(one, physics, 'closed-loop'), weight: 1 },
      measured: { tpot, ttft: Number.NaN, output: Number.NaN },
    },
    predicted: { tpot: 10, ttft: 100, output: 1000 },
  })
  // Fold 0 is measured at 8–9, fold 1 at 14–15: neither makes the other's interval fit itself.
  const folds = [0, 1].flatMap((fold) => Array.from({ length: 40 }, (_, i) => of(fold, (fold === 0 ? 8 : 14) + i / 40)))
  const [first, last] = [judgeLeftOut(folds).at(0), judgeLeftOut(folds).at(-1)]
  expect(first?.intervals.tpot.high).toBeGreaterThan(14)
  expect(last?.intervals.tpot.high).toBeLessThan(12)
  expect(last?.intervals.tpot.low).toBeLessThan(9)
  expect(first).toMatchObject({ measured: { tpot: 8 }, predicted: { tpot: 10 } })
})
