import type { Deployment, ModelFacts } from '@bud/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deploymentOf, gpuOf, kernels, LLAMA_8B, LLAMA_70B, models } from '../testing/fixtures.ts'
import { createStepModel } from './step-model.ts'

const h100 = gpuOf('H100-SXM-80GB')
const stepModelOf = (facts: ModelFacts, deployment: Deployment) =>
  createStepModel({ facts, gpu: h100, deployment, kernels })

describe('createStepModel', () => {
  it('decodes one sequence in about the time its weights take to read', () => {
    const model = stepModelOf(LLAMA_8B, deploymentOf({}))
    const floorMs = (16.06e9 / 3350e9) * 1000
    const step = model.decodeStepMs({ batch: 1, mean_context_tokens: 500 })
    expect(step).toBeGreaterThan(floorMs)
    expect(step).toBeLessThan(floorMs * 1.6)
  })

  it('takes a long prompt in chunks that cost at least what they would as one', () => {
    const small = stepModelOf(LLAMA_8B, deploymentOf({ max_num_batched_tokens: 1024 }))
    const large = stepModelOf(LLAMA_8B, deploymentOf({ max_num_batched_tokens: 16_384 }))
    const prompt = { new_tokens: 16_384, context_tokens: 0 }
    expect(small.max_num_batched_tokens).toBe(1024)
    expect(small.prefillMs(prompt)).toBeGreaterThan(large.prefillMs(prompt))
  })

  it('slows running sequences by the prompt taken in beside them', () => {
    const model = stepModelOf(LLAMA_70B, deploymentOf({ tensor: 4 }))
    const work = { prefill_context_tokens: 0, decode_batch: 32, mean_context_tokens: 1000 }
    const alone = model.stepMs({ ...work, prefill_tokens: 0 })
    expect(alone).toBeCloseTo(model.decodeStepMs({ batch: 32, mean_context_tokens: 1000 }), 6)
    expect(model.stepMs({ ...work, prefill_tokens: 4096 })).toBeGreaterThan(alone * 3)
  })

  it('reports the memory it was built with', () => {
    const model = stepModelOf(LLAMA_70B, deploymentOf({ tensor: 4 }))
    expect(model.weights_bytes / 1e9).toBeCloseTo(35.3, 1)
    expect(model.kv_capacity_tokens).toBeGreaterThan(100_000)
    expect(model.request_overhead_ms).toBeGreaterThan(0)
  })

  it('never gets faster from more sequences, longer contexts or larger prompts', () => {
    const arbitrary = fc.record({
      facts: fc.constantFrom(...models.map((model) => model.facts)),
      batch: fc.integer({ min: 1, max: 1000 }),
      context: fc.integer({ min: 1, max: 100_000 }),
      prefill: fc.integer({ min: 0, max: 8192 }),
      tensor: fc.constantFrom(1, 2, 4, 8),
      pipeline: fc.constantFrom(1, 2),
    })
    fc.assert(
      fc.property(arbitrary, ({ facts, batch, context, prefill, tensor, pipeline }) => {
        const model = stepModelOf(facts, deploymentOf({ tensor, pipeline }))
        const at = (b: number, c: number, p: number) =>
          model.stepMs({ decode_batch: b, mean_context_tokens: c, prefill_tokens: p, prefill_context_tokens: 0 })
        const base = at(batch, context, prefill)
        expect(base).toBeGreaterThan(0)
        expect(at(batch * 2, context, prefill)).toBeGreaterThanOrEqual(base)
        expect(at(batch, context * 2, prefill)).toBeGreaterThanOrEqual(base)
        expect(at(batch, context, prefill + 512)).toBeGreaterThanOrEqual(base)
      }),
      { numRuns: 300, seed: 13 },
    )
  })
})
