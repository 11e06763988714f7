import { describe, expect, it } from 'vitest'
import { createCasePhysics } from '../../domain/physics/case-physics.ts'
import { createSeededRandom } from '../../domain/trees/seeded-random.ts'
import { someTrainingInput } from '../../testing/training-rows.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import type { LeftOutPrediction } from './cross-validate.ts'
import { evaluateRefinement } from './evaluate-refinement.ts'
import { prepareRows } from './prepare-rows.ts'

const { rows: measured, reference } = someTrainingInput()
const rows = prepareRows(measured, reference, createCasePhysics(reference.kernels)).filter(
  ({ subject }) => subject.head === 'closed-loop',
)
const random = createSeededRandom(1)
/** Every group is predicted 30 % too slow, give or take what measuring twice would. */
const predictions: LeftOutPrediction[] = rows.map((row) => {
  const factor = 1.3 * (0.97 + 0.06 * random())
  const { tpot, ttft, output } = row.measured
  return { row, fold: 0, predicted: { tpot: tpot * factor, ttft: ttft * factor, output: output / factor } }
})
const { bounds } = untrainedModel().intervals
const evaluate = (more: Partial<Parameters<typeof evaluateRefinement>[0]> = {}) =>
  evaluateRefinement({ predictions, leftOut: 'architecture', bounds, ...more })

describe('what observations gain', () => {
  it('without any is the error as it is', () => {
    const [none] = evaluate({ counts: [0] })
    expect(none?.observations).toBe(0)
    for (const percent of [none?.errors.tpot?.mean_percent, none?.errors.tpot?.median_percent]) {
      expect(percent).toBeGreaterThan(28)
      expect(percent).toBeLessThan(32)
    }
  })

  it('grows with their number where a group is off alike', () => {
    const means = evaluate().map(({ errors }) => errors.tpot?.mean_percent ?? 0)
    expect(means).toHaveLength(4)
    expect(means).toEqual(means.toSorted((a, b) => b - a))
    expect(means[3]).toBeLessThan(6)
  })

  it('is judged on the rows that were not observed', () => {
    const groups = Map.groupBy(
      rows,
      ({ from: { row }, case: one }) => `${row.model} ${row.gpu} ${row.engine} ${row.precision} ${one.scenario}`,
    )
    const large = [...groups.values()].filter((group) => group.length >= 12)
    expect(large.length).toBeGreaterThan(2)
    const measuredIn = large.flat().filter(({ measured: { tpot } }) => tpot > 0).length
    expect(evaluate({ counts: [0] })[0]?.errors.tpot?.rows).toBe(measuredIn)
    const [three] = evaluate({ counts: [3], draws: 2 })
    expect(three?.rows).toBe(2 * (large.flat().length - 3 * large.length))
  })

  it('is the same for the same seed', () => {
    expect(evaluate({ seed: 5, counts: [1] })).toEqual(evaluate({ seed: 5, counts: [1] }))
    expect(evaluate({ seed: 6, counts: [1] })).not.toEqual(evaluate({ seed: 5, counts: [1] }))
  })

  it('is none where no group has rows enough', () => {
    const [few] = evaluate({ predictions: predictions.slice(0, 5), counts: [1] })
    expect(few).toEqual({ observations: 1, rows: 0, errors: { tpot: null, ttft: null, output: null } })
  })
})
