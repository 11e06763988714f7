import { Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { loadTrainedModel } from '../adapters/trained-model.ts'
import type { PredictionQuery } from '../ports.ts'
import { deploymentOf, gpuOf, gpus, kernels, LLAMA_8B, LLAMA_70B, models, prices } from '../testing/fixtures.ts'
import { untrainedModel } from '../testing/untrained-model.ts'
import { explainPrediction } from './explain-prediction.ts'
import { createTrainedPredictor } from './trained-predictor.ts'

const model = loadTrainedModel()
const explain = (query: PredictionQuery) => explainPrediction({ model, kernels }, query)
const queryOf = (stated: Partial<Workload>, changed: Partial<PredictionQuery> = {}): PredictionQuery => ({
  facts: LLAMA_70B,
  gpu: gpuOf('H100-SXM-80GB'),
  deployment: deploymentOf({ tensor: 4 }),
  workload: Workload.parse(stated),
  ...changed,
})

describe('an explanation', () => {
  it('adds up to what is predicted', () => {
    const predictor = createTrainedPredictor({ model, kernels, prices })
    for (const load of [
      { concurrency: 4 },
      { concurrency: 1000 },
      { request_rate_per_s: 3 },
      { request_rate_per_s: 90 },
    ]) {
      const query = queryOf(load)
      const { token, first_token: first, corrections, load: at } = explain(query)
      const { ttft_ms, tpot_ms, requests_per_s, saturated } = predictor.predict(query)
      expect(first.ttft_ms).toBeCloseTo(ttft_ms.value, 6)
      const waits = first.other_prompts_ms + first.place_wait_ms
      expect(first.prompt_ms + first.step_and_request_ms + waits).toBeCloseTo(first.ttft_ms, 6)
      expect(token.tpot_ms).toBeCloseTo(tpot_ms.value, 6)
      expect(token.physics_ms * corrections.tpot.trees * corrections.tpot.refinement).toBeGreaterThan(
        tpot_ms.value * 0.93,
      )
      expect(token.physics_ms * corrections.tpot.trees * corrections.tpot.refinement).toBeLessThan(tpot_ms.value * 1.07)
      expect(at.requests_per_s).toBeCloseTo(requests_per_s.value, 6)
      expect(at.saturated).toBe(saturated)
    }
  })

  it('says what binds: weights for one sequence, arithmetic and prompts for many', () => {
    const { binds } = explain(queryOf({ concurrency: 1 }))
    expect(binds[0]).toMatchObject({ resource: 'memory-bandwidth' })
    expect(binds[0]?.message).toMatch(/^Weights are read for every step: reading the weights takes at least [\d.]+ ms/)
    expect(binds.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
    const busy = explain(
      queryOf({ concurrency: 1024 }, { deployment: deploymentOf({ tensor: 4, max_num_seqs: 1024 }) }),
    )
    expect(busy.binds.slice(0, 2).map(({ resource }) => resource)).toContain('prompts')
    const apart = explain(
      queryOf(
        { concurrency: 64, input_tokens: 16, output_tokens: 1000 },
        { gpu: gpuOf('L40S-48GB'), deployment: deploymentOf({ tensor: 8, gpu: 'L40S-48GB' }) },
      ),
    )
    expect(apart.binds[0]?.resource).toBe('communication')
  })

  it('says what limits the requests it takes at once', () => {
    expect(explain(queryOf({}, { deployment: deploymentOf({ tensor: 4, max_num_seqs: 8 }) })).load).toMatchObject({
      places: 8,
      limited_by: 'max_num_seqs',
    })
    const long = queryOf({ input_tokens: 60_000 }, { facts: LLAMA_8B, deployment: deploymentOf({}) })
    expect(explain(long).load.limited_by).toBe('kv_cache')
  })

  it('says how near the measured rows are and what the trees made of it', () => {
    expect(explain(queryOf({})).interval).toMatchObject({ novelty: 'measured', interval_group: 'closed-loop' })
    const plain = explainPrediction({ model: untrainedModel(), kernels }, queryOf({}))
    expect(plain.corrections).toEqual({ tpot: { trees: 1, refinement: 1 }, ttft: { trees: 1, refinement: 1 } })
    expect(plain.interval).toMatchObject({ novelty: 'new-model-and-gpu' })
  })

  it('exists for every GPU and every model of the catalogues', () => {
    models.forEach(({ facts }, index) => {
      for (const gpu of gpus.filter((_, other) => (other + index) % 5 === 0)) {
        const explanation = explain(
          queryOf({ concurrency: 16 }, { facts, gpu, deployment: deploymentOf({ tensor: 8 }) }),
        )
        for (const value of [...Object.values(explanation.token), ...explanation.binds.map(({ ms }) => ms)]) {
          expect(Number.isFinite(value) && value >= 0).toBe(true)
        }
      }
    })
  })
})
