/** What every Predictor guarantees, whatever it is made of. */
import { type Deployment, type GpuSpec, type ModelFacts, Prediction, type Workload } from '@bud/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Predictor } from '../ports.ts'
import { deploymentOf, gpuOf, gpus, LLAMA_8B, LLAMA_70B, models } from './fixtures.ts'

const arbitraryQuery = fc.record({
  facts: fc.constantFrom(...models.map((model) => model.facts)),
  gpu: fc.constantFrom(...gpus),
  deployment: fc
    .record({
      runtime: fc.constantFrom('vllm', 'sglang', 'tensorrt-llm' as const),
      tensor: fc.constantFrom(1, 2, 4, 8),
      pipeline: fc.constantFrom(1, 2),
      replicas: fc.integer({ min: 1, max: 50 }),
      max_num_seqs: fc.integer({ min: 1, max: 2048 }),
    })
    .map((layout) => deploymentOf(layout)),
  workload: fc.record({
    input_tokens: fc.integer({ min: 1, max: 100_000 }),
    output_tokens: fc.integer({ min: 1, max: 8192 }),
    prefix_cache_share: fc.constantFrom(0, 0.5, 0.99),
    load: fc.oneof(
      fc.record({ concurrency: fc.integer({ min: 1, max: 10_000 }) }),
      fc.record({ request_rate_per_s: fc.double({ min: 0.001, max: 10_000, noNaN: true }) }),
      fc.constant({}),
    ),
  }),
})

function workloadOf({
  load,
  ...rest
}: { load: object } & Omit<Workload, 'concurrency' | 'request_rate_per_s'>): Workload {
  return { ...rest, ...load }
}

export function predictorContract(name: string, create: () => Predictor): void {
  describe(`${name} as a Predictor`, () => {
    const predictor = create()
    const predict = (facts: ModelFacts, gpu: GpuSpec, deployment: Deployment, workload: Partial<Workload> = {}) =>
      predictor.predict({
        facts,
        gpu,
        deployment,
        workload: { input_tokens: 1024, output_tokens: 256, prefix_cache_share: 0, ...workload },
      })

    it('answers every query with finite, consistent figures', () => {
      fc.assert(
        fc.property(arbitraryQuery, ({ facts, gpu, deployment, workload }) => {
          const prediction = predict(facts, gpu, deployment, workloadOf(workload))
          Prediction.parse(prediction)
          const outputs = workload.output_tokens
          expect(prediction.predictor).toBe(predictor.id)
          expect(prediction.gpus).toBe(deployment.replicas * deployment.resources.gpu_count)
          expect(prediction.ttft_ms.value).toBeGreaterThan(0)
          expect(prediction.ttft_ms_p99.value).toBeGreaterThanOrEqual(prediction.ttft_ms.value)
          expect(prediction.e2e_ms_p99.value).toBeGreaterThanOrEqual(prediction.e2e_ms.value)
          // TPOT = (e2e − TTFT) / (output tokens − 1).
          expect(prediction.e2e_ms.value).toBeCloseTo(
            prediction.ttft_ms.value + (outputs - 1) * prediction.tpot_ms.value,
            3,
          )
          expect(prediction.output_tokens_per_s.value).toBeLessThanOrEqual(
            prediction.max_output_tokens_per_s.value * 1.0001,
          )
        }),
        { numRuns: 400, seed: 20_26 },
      )
    })

    it('never gets slower saturated throughput from more replicas', () => {
      fc.assert(
        fc.property(arbitraryQuery, fc.integer({ min: 1, max: 20 }), ({ facts, gpu, deployment, workload }, more) => {
          const few = predict(facts, gpu, deployment, workloadOf(workload))
          const many = predict(
            facts,
            gpu,
            { ...deployment, replicas: deployment.replicas + more },
            workloadOf(workload),
          )
          expect(many.max_output_tokens_per_s.value).toBeGreaterThan(few.max_output_tokens_per_s.value)
        }),
        { numRuns: 200, seed: 7 },
      )
    })

    it('never gets faster from more requests in flight', () => {
      fc.assert(
        fc.property(
          arbitraryQuery,
          fc.integer({ min: 1, max: 2000 }),
          ({ facts, gpu, deployment, workload }, concurrency) => {
            const { load: _, ...lengths } = workload
            const calm = predict(facts, gpu, deployment, { ...lengths, concurrency })
            const busy = predict(facts, gpu, deployment, { ...lengths, concurrency: concurrency * 2 })
            expect(busy.e2e_ms.value).toBeGreaterThanOrEqual(calm.e2e_ms.value * 0.9999)
            expect(busy.ttft_ms.value).toBeGreaterThanOrEqual(calm.ttft_ms.value * 0.9999)
          },
        ),
        { numRuns: 200, seed: 11 },
      )
    })

    it('serves a rate below capacity as it comes, and calls one above it saturated', () => {
      const deployment = deploymentOf({ tensor: 4 })
      const gpu = gpuOf('H100-SXM-80GB')
      const capacity = predict(LLAMA_70B, gpu, deployment).max_output_tokens_per_s.value / 256
      const below = predict(LLAMA_70B, gpu, deployment, { request_rate_per_s: capacity * 0.5 })
      expect(below.saturated).toBe(false)
      expect(below.output_tokens_per_s.value).toBeCloseTo(capacity * 0.5 * 256, 3)
      const above = predict(LLAMA_70B, gpu, deployment, { request_rate_per_s: capacity * 1.5 })
      expect(above.saturated).toBe(true)
      expect(above.output_tokens_per_s.value).toBeCloseTo(above.max_output_tokens_per_s.value, 3)
      expect(above.ttft_ms.value).toBeGreaterThan(10_000)
    })

    it('lets requests beyond max_num_seqs wait', () => {
      const gpu = gpuOf('H100-SXM-80GB')
      const limited = predict(LLAMA_8B, gpu, deploymentOf({ max_num_seqs: 16 }), { concurrency: 64 })
      expect(limited.batch_per_replica).toBe(16)
      expect(limited.saturated).toBe(true)
      const open = predict(LLAMA_8B, gpu, deploymentOf({ max_num_seqs: 64 }), { concurrency: 64 })
      expect(open.saturated).toBe(false)
      expect(limited.ttft_ms.value).toBeGreaterThan(open.ttft_ms.value * 5)
    })

    it('says null, not zero, where the price book has no price', () => {
      const known = predict(LLAMA_8B, gpuOf('H100-SXM-80GB'), deploymentOf({ replicas: 2 }))
      expect(known.cost_usd_per_hour).toBeCloseTo(9)
      const unknown = predict(LLAMA_8B, gpuOf('L40S-48GB'), deploymentOf({ gpu: 'L40S-48GB' }))
      expect(unknown.cost_usd_per_hour).toBeNull()
      expect(unknown.cost_usd_per_million_output_tokens).toBeNull()
    })

    it('costs less per token of prompt that is cached', () => {
      const gpu = gpuOf('H100-SXM-80GB')
      const cold = predict(LLAMA_70B, gpu, deploymentOf({ tensor: 4 }), { input_tokens: 8192 })
      const warm = predict(LLAMA_70B, gpu, deploymentOf({ tensor: 4 }), { input_tokens: 8192, prefix_cache_share: 0.9 })
      expect(warm.ttft_ms.value).toBeLessThan(cold.ttft_ms.value * 0.5)
    })
  })
}
