/** What every Predictor guarantees, whatever it is made of. */
import { type Deployment, Estimate, type GpuSpec, type ModelFacts, Prediction, type Workload } from '@bud/kernel'
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
      max_num_batched_tokens: fc.constantFrom(undefined, 512, 8192),
      kv_cache_dtype: fc.constantFrom('auto', 'fp8' as const),
      enable_prefix_caching: fc.boolean(),
      quantization: fc.constantFrom(undefined, 'fp8' as const),
      data_parallel_size: fc.constantFrom(undefined, 2, 8),
      expert_parallel: fc.boolean(),
    })
    .map((layout) => deploymentOf(layout)),
  workload: fc.record({
    input_tokens: fc.integer({ min: 1, max: 100_000 }),
    output_tokens: fc.integer({ min: 1, max: 8192 }),
    prefix_cache_share: fc.constantFrom(0, 0.5, 0.99),
    input_tokens_cv: fc.constantFrom(undefined, 0.3, 10),
    output_tokens_cv: fc.constantFrom(undefined, 1, 10),
    arrival_cv: fc.constantFrom(undefined, 0, 5),
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

const LATENCIES = ['ttft_ms', 'tpot_ms', 'e2e_ms'] as const
const RATES = ['output_tokens_per_s', 'max_output_tokens_per_s', 'max_requests_per_s'] as const

/** Every estimate of a prediction, at any depth. */
function estimatesIn(value: unknown): Estimate[] {
  if (typeof value !== 'object' || value === null) return []
  if ('value' in value && 'low' in value) return [Estimate.parse(value)]
  return Object.values(value).flatMap(estimatesIn)
}

/** Rounding, and nothing else. */
const EXACT = 1 + 1e-6

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
          const e2e = prediction.ttft_ms.value + (outputs - 1) * prediction.tpot_ms.value
          expect(Math.abs(prediction.e2e_ms.value / e2e - 1)).toBeLessThan(1e-9)
          expect(prediction.output_tokens_per_s.value).toBeLessThanOrEqual(
            prediction.max_output_tokens_per_s.value * EXACT,
          )
        }),
        { numRuns: 400, seed: 20_26 },
      )
    })

    it('stays finite at the bounds of what may be asked', () => {
      const gpu = gpuOf('H100-SXM-80GB')
      const loads = [
        { concurrency: 1 },
        { concurrency: 100_000 },
        { request_rate_per_s: 1e-9 },
        { request_rate_per_s: 1e5 },
      ]
      const layouts = [
        deploymentOf({}),
        deploymentOf({ tensor: 64, pipeline: 8, max_num_seqs: 65_536, replicas: 1000 }),
      ]
      for (const { facts } of models) {
        for (const deployment of layouts) {
          for (const load of loads) {
            for (const [input_tokens, output_tokens, cv] of [
              [1, 1, 0],
              [2_000_000, 200_000, 10],
              [2_000_000, 1, 10],
            ] as const) {
              const spread = { input_tokens_cv: cv, output_tokens_cv: cv, arrival_cv: cv }
              Prediction.parse(predict(facts, gpu, deployment, { input_tokens, output_tokens, ...spread, ...load }))
            }
          }
        }
      }
    })

    it('states an interval around every figure', () => {
      fc.assert(
        fc.property(arbitraryQuery, ({ facts, gpu, deployment, workload }) => {
          for (const { value, low, high } of estimatesIn(predict(facts, gpu, deployment, workloadOf(workload)))) {
            expect(low).toBeLessThanOrEqual(value)
            expect(high).toBeGreaterThanOrEqual(value)
            expect(Number.isFinite(high) && (low ?? -1) >= 0).toBe(true)
          }
        }),
        { numRuns: 200, seed: 3 },
      )
    })

    it('orders the percentiles and counts a deployment as its replicas', () => {
      fc.assert(
        fc.property(arbitraryQuery, ({ facts, gpu, deployment, workload }) => {
          const prediction = predict(facts, gpu, deployment, workloadOf(workload))
          const { percentiles, per_replica: each } = prediction
          for (const latency of LATENCIES) {
            const of = percentiles?.[latency]
            expect(of?.p50.value).toBeLessThanOrEqual((of?.p95.value ?? 0) * EXACT)
            expect(of?.p95.value).toBeLessThanOrEqual((of?.p99.value ?? 0) * EXACT)
          }
          expect(percentiles?.ttft_ms.p99).toEqual(prediction.ttft_ms_p99)
          expect(percentiles?.e2e_ms.p99).toEqual(prediction.e2e_ms_p99)
          for (const rate of RATES) {
            const whole = prediction[rate]?.value ?? Number.NaN
            expect((each?.[rate].value ?? Number.NaN) * deployment.replicas).toBeCloseTo(whole, 6)
          }
        }),
        { numRuns: 200, seed: 5 },
      )
    })

    it('keeps as many requests in flight as come, times how long they take', () => {
      fc.assert(
        fc.property(arbitraryQuery, fc.integer({ min: 1, max: 5000 }), (query, concurrency) => {
          const { load: _, ...lengths } = query.workload
          const { requests_per_s: rate, e2e_ms: e2e } = predict(query.facts, query.gpu, query.deployment, {
            ...lengths,
            concurrency,
          })
          expect((rate.value * e2e.value) / 1000 / concurrency).toBeCloseTo(1, 6)
        }),
        { numRuns: 200, seed: 17 },
      )
    })

    it('never gets slower from more replicas, nor any surer of being slow', () => {
      fc.assert(
        fc.property(arbitraryQuery, fc.integer({ min: 1, max: 20 }), ({ facts, gpu, deployment, workload }, more) => {
          const of = (replicas: number) => predict(facts, gpu, { ...deployment, replicas }, workloadOf(workload))
          const [few, many] = [of(deployment.replicas), of(deployment.replicas + more)]
          for (const latency of [...LATENCIES, 'ttft_ms_p99', 'e2e_ms_p99'] as const) {
            expect(many[latency].value).toBeLessThanOrEqual(few[latency].value * EXACT)
            expect(many[latency].high).toBeLessThanOrEqual((few[latency].high ?? 0) * EXACT)
          }
          expect(many.requests_per_s.value * EXACT).toBeGreaterThanOrEqual(few.requests_per_s.value)
          expect(many.saturated && !few.saturated).toBe(false)
        }),
        { numRuns: 300, seed: 23 },
      )
    })

    it('never gets quicker from a higher rate', () => {
      fc.assert(
        fc.property(
          arbitraryQuery,
          fc.double({ min: 0.01, max: 1000, noNaN: true }),
          fc.double({ min: 1.01, max: 3, noNaN: true }),
          ({ facts, gpu, deployment, workload }, rate, factor) => {
            const { load: _, ...lengths } = workload
            const of = (perS: number) => predict(facts, gpu, deployment, { ...lengths, request_rate_per_s: perS })
            const [calm, busy] = [of(rate), of(rate * factor)]
            for (const latency of LATENCIES) {
              expect(busy[latency].value * EXACT).toBeGreaterThanOrEqual(calm[latency].value)
            }
            expect(busy.requests_per_s.value * EXACT).toBeGreaterThanOrEqual(calm.requests_per_s.value)
          },
        ),
        { numRuns: 300, seed: 29 },
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
            expect(busy.e2e_ms.value).toBeGreaterThanOrEqual(calm.e2e_ms.value / EXACT)
            expect(busy.ttft_ms.value).toBeGreaterThanOrEqual(calm.ttft_ms.value / EXACT)
          },
        ),
        { numRuns: 200, seed: 11 },
      )
    })

    it('serves a rate below capacity as it comes, and calls one above it saturated', () => {
      const deployment = deploymentOf({ tensor: 4 })
      const gpu = gpuOf('H100-SXM-80GB')
      const calm = predict(LLAMA_70B, gpu, deployment, { request_rate_per_s: 0.01 })
      const capacity = calm.max_output_tokens_per_s.value / 256
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
