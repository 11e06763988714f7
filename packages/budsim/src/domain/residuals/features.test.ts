import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, gpus, models } from '../../testing/fixtures.ts'
import { caseOf, casePhysics } from '../../testing/serving-cases.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import { calibrate } from '../physics/calibrated.ts'
import type { ServingCase } from '../physics/serving-case.ts'
import { FEATURES, featuresOf, NARROW_FEATURES } from './features.ts'

const { calibration } = untrainedModel()
const featuresAt = (one: ServingCase): Record<string, number> => {
  const values = featuresOf(calibrate(calibration, one, casePhysics.measure(one)), new Float64Array(FEATURES.length))
  return Object.fromEntries(FEATURES.map((name, i) => [name, values[i] ?? Number.NaN]))
}
const missing = (one: ServingCase): string[] =>
  Object.entries(featuresAt(one)).flatMap(([name, value]) => (Number.isNaN(value) ? [name] : []))

describe('features', () => {
  it('are as many as their names, each of which is there once', () => {
    const longer = new Float64Array(FEATURES.length + 5).fill(-77)
    const one = caseOf({}, { requestsPerS: 1, maxNumSeqs: 8, engineVersion: '0.9.1' })
    featuresOf(calibrate(calibration, one, casePhysics.measure(one)), longer)
    expect(longer.indexOf(-77)).toBe(FEATURES.length)
    expect(new Set(FEATURES).size).toBe(FEATURES.length)
  })

  it('are missing only where nothing is stated: the rate, the limit on sequences and the engine’s version', () => {
    const unstated = ['engine_version', 'log_max_num_seqs', 'log_rate', 'rate_utilisation']
    expect(missing(caseOf()).sort()).toEqual(unstated)
    expect(missing(caseOf({}, { requestsPerS: Number.POSITIVE_INFINITY })).sort()).toEqual(unstated)
    expect(missing(caseOf({}, { requestsPerS: 2, maxNumSeqs: 64, engineVersion: 'v0.10.1' }))).toEqual([])
    expect(missing(caseOf({}, { requestsPerS: 2, maxNumSeqs: 64, engineVersion: 'nightly' }))).toEqual([
      'engine_version',
    ])
  })

  it('are finite for every model on every GPU', () => {
    const stated = { requestsPerS: 2, maxNumSeqs: 64, engineVersion: '0.9.1' }
    const wrong = gpus.flatMap((gpu) =>
      models.flatMap(({ name, facts }) =>
        Object.entries(featuresAt(caseOf({ facts, gpu }, stated))).flatMap(([feature, value]) =>
          Number.isFinite(value) ? [] : [`${feature} of ${name} on ${gpu.id}: ${value}`],
        ),
      ),
    )
    expect(wrong).toEqual([])
  })

  it('say what their names say', () => {
    const query = {
      facts: DEEPSEEK_V3,
      tensorParallel: 4,
      dataParallel: 2,
      expertParallel: 8,
      engine: 'sglang',
    } as const
    const stated = {
      concurrency: 32,
      replicas: 3,
      scenario: 'open-loop',
      requestsPerS: 4,
      engineVersion: '0.17.1',
    } as const
    const at = featuresAt(caseOf(query, { ...stated, kvCacheBytes: 20e9 }))
    expect(at).toMatchObject({
      ...{ log_concurrency: Math.log(32), log_input: Math.log(1024), log_output: Math.log(256), log_rate: Math.log(4) },
      ...{ tensor_parallel: 4, expert_parallel: 8, pipeline_parallel: 1, data_parallel: 1, ranks: 6, engine_2: 1 },
      ...{ engine_0: 0, experts: 1, latent: 1, open_loop: 1, offline: 0, saturation: 0, vendor: 0, engine_version: 17 },
      ...{ weight_bytes: 1, log_layers: Math.log(61), log_parameters: Math.log(DEEPSEEK_V3.parameter_count / 1e9) },
    })
    const shares = ['gemm', 'attention', 'experts', 'collective', 'elementwise'].map((part) => at[`share_${part}`] ?? 0)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1)
  })

  it('for what was never seen are some of all features, and say nothing of the model’s or GPU’s size', () => {
    for (const name of NARROW_FEATURES) expect(FEATURES).toContain(name)
    for (const name of NARROW_FEATURES) expect(name).not.toMatch(/layers|hidden|active|parameters|bandwidth|memory/)
  })
})
