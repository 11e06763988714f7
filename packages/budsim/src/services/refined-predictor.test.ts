import { describe, expect, it } from 'vitest'
import { TARGETS } from '../domain/physics/calibrated.ts'
import type { ServingCase } from '../domain/physics/serving-case.ts'
import { refine } from '../domain/refinement/refine.ts'
import { deploymentOf, gpuOf, kernels, LLAMA_8B, LLAMA_70B, prices } from '../testing/fixtures.ts'
import { untrainedModel } from '../testing/untrained-model.ts'
import { createCasePredictor } from './case-predictor.ts'
import { deploymentCaseOf } from './deployment-case.ts'
import { createRefinedPredictor, observe } from './refined-predictor.ts'
import { createTrainedPredictor } from './trained-predictor.ts'

const model = untrainedModel()
const base = createCasePredictor(model, kernels)
const h100 = gpuOf('H100-SXM-80GB')
const workload = { input_tokens: 1024, output_tokens: 256, prefix_cache_share: 0 }
const caseOf = (concurrency: number, facts = LLAMA_8B): ServingCase =>
  deploymentCaseOf({ facts, deployment: deploymentOf({ tensor: 1 }), gpu: h100, workload, concurrency })
/** As if everything took so many times as long as predicted. */
const observed = (one: ServingCase, factor: number) => {
  const { figures } = base.predict(one)
  const measured = { ttft: figures.ttft * factor, tpot: figures.tpot * factor, output: figures.output / factor }
  return observe(base, { case: one, measured })
}
const refinedBy = (...observations: ReturnType<typeof observed>[]) =>
  createRefinedPredictor(base, refine('refinement-1', observations))

describe('a refined predictor', () => {
  it('is the base predictor where no observation speaks', () => {
    const one = caseOf(16, LLAMA_70B)
    expect(createRefinedPredictor(base, refine('none', [])).predict(one)).toEqual(base.predict(one))
  })

  it('moves figures towards what was measured and narrows their intervals, value inside', () => {
    const plain = base.predict(caseOf(16))
    const one = refinedBy(observed(caseOf(8), 1.3), observed(caseOf(32), 1.3)).predict(caseOf(16))
    expect(one.refined).toEqual({ id: 'refinement-1', observations: 2 })
    expect(one.figures.tpot / plain.figures.tpot).toBeGreaterThan(1.2)
    expect(one.figures.tpot / plain.figures.tpot).toBeLessThan(1.3)
    for (const target of TARGETS) {
      const width = ({ low, high }: { low: number; high: number }) => high / low
      expect(width(one.intervals[target])).toBeLessThan(width(plain.intervals[target]))
      expect(one.figures[target]).toBeGreaterThan(one.intervals[target].low)
      expect(one.figures[target]).toBeLessThan(one.intervals[target].high)
    }
  })

  it('keeps throughput what the latencies leave in a closed loop', () => {
    const { figures } = refinedBy(observed(caseOf(8), 1.4)).predict(caseOf(16))
    const perRequestMs = figures.ttft + (workload.output_tokens - 1) * figures.tpot
    expect(figures.output).toBeCloseTo((16 * workload.output_tokens * 1000) / perRequestMs, 6)
  })

  it('predicts deployments, and says how many observations of which version stand behind it', () => {
    const query = {
      facts: LLAMA_8B,
      deployment: deploymentOf({}),
      gpu: h100,
      workload: { ...workload, concurrency: 16 },
    }
    const parts = { model, kernels, prices }
    const plain = createTrainedPredictor(parts).predict(query)
    const version = refine('refinement-1', [observed(caseOf(8), 1.3), observed(caseOf(32), 1.3)])
    const refined = createTrainedPredictor({ ...parts, refinement: () => version }).predict(query)
    expect(plain.evidence).toMatchObject({ observations: 0, refinement: null })
    expect(refined.evidence).toMatchObject({ observations: 2, refinement: 'refinement-1' })
    expect(refined.tpot_ms.value).toBeGreaterThan(plain.tpot_ms.value * 1.15)
    expect(refined.output_tokens_per_s.value).toBeLessThan(plain.output_tokens_per_s.value)
  })
})
