/** Searches of the demo cluster, and random ones, that several tests ask. */
import { type Objective, type Targets, Workload } from '@bud/kernel'
import fc from 'fast-check'
import type { Predictor } from '../ports.ts'
import { searchConfigurations } from '../services/search/search-configurations.ts'
import type { SearchQuery } from '../services/search/search-types.ts'
import { createTrainedPredictor } from '../services/trained-predictor.ts'
import { DEEPSEEK_V3, DEMO_NODES, factsOf, gpus, kernels, LLAMA_8B, LLAMA_70B, prices } from './fixtures.ts'
import { untrainedModel } from './untrained-model.ts'

/** Without intervals: what it says is taken as it is, at any confidence. */
const model = { ...untrainedModel(), intervals: { bounds: {}, architectures: [], gpus: [] } }
export const physics = createTrainedPredictor({ model, kernels, prices })

export const MIXTRAL = factsOf('mistralai/Mixtral-8x7B-Instruct-v0.1')

export const queryOf = (query: Partial<SearchQuery>): SearchQuery => ({
  facts: LLAMA_70B,
  workload: Workload.parse({ concurrency: 32 }),
  targets: {},
  objective: 'cost',
  nodes: DEMO_NODES,
  gpus,
  predictor: physics,
  ...query,
})

export const search = (query: Partial<SearchQuery>) => searchConfigurations(queryOf(query))

/** The same figures with an 80 % interval from `low` to `high` times each. */
export const withIntervals = (low: number, high: number): Predictor => ({
  id: 'physics-with-intervals',
  predict(query) {
    const prediction = physics.predict(query)
    const widen = ({ value }: { value: number }) => ({ value, low: value * low, high: value * high })
    return {
      ...prediction,
      ttft_ms_p99: widen(prediction.ttft_ms_p99),
      e2e_ms_p99: widen(prediction.e2e_ms_p99),
      tpot_ms: widen(prediction.tpot_ms),
      output_tokens_per_s: widen(prediction.output_tokens_per_s),
      max_output_tokens_per_s: widen(prediction.max_output_tokens_per_s),
      max_requests_per_s: prediction.max_requests_per_s && widen(prediction.max_requests_per_s),
    }
  },
})

const limit = (min: number, max: number) => fc.option(fc.double({ min, max, noNaN: true }), { nil: undefined })

/** Small clusters of one or two GPU types, some questions feasible, some not. */
export const arbitraryQuery: fc.Arbitrary<SearchQuery> = fc
  .record({
    facts: fc.constantFrom(LLAMA_8B, LLAMA_70B, MIXTRAL, DEEPSEEK_V3, factsOf('Qwen/Qwen3-30B-A3B')),
    nodes: fc
      .array(
        fc.record({
          gpu_type: fc.constantFrom('H100-SXM-80GB', 'A100-SXM-80GB', 'L40S-48GB'),
          free: fc.constantFrom(1, 2, 4, 8),
        }),
        { minLength: 1, maxLength: 4 },
      )
      .map((nodes) => nodes.map((node, index) => ({ name: `n${index}`, ...node }))),
    load: fc.oneof(
      fc.record({ concurrency: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ request_rate_per_s: fc.double({ min: 0.1, max: 30, noNaN: true }) }),
    ),
    input_tokens: fc.constantFrom(128, 1024, 6000),
    ttft_ms: limit(100, 4000),
    tokens_per_s_per_user: limit(5, 80),
    budget_usd_per_hour: limit(3, 80),
    objective: fc.constantFrom<Objective>('cost', 'latency', 'throughput'),
    allow_quantization: fc.boolean(),
    confidence: fc.constantFrom(0.5, 0.8, 0.95),
  })
  .map(({ load, input_tokens, ttft_ms, tokens_per_s_per_user, budget_usd_per_hour, ...rest }) => {
    const targets: Targets = { ttft_ms, tokens_per_s_per_user, budget_usd_per_hour }
    return queryOf({
      ...rest,
      targets,
      workload: Workload.parse({ input_tokens, output_tokens: 256, ...load }),
      predictor: withIntervals(0.8, 1.3),
    })
  })
