import { z } from 'zod'
import { Reason } from './common.ts'
import { Deployment } from './deployment.ts'
import { Targets } from './workload.ts'

/** What one GPU's memory is spent on, for one replica layout. Bytes per GPU. */
export const MemoryFit = z.object({
  fits: z.boolean(),
  gpu_memory_bytes: z.number(),
  weights_bytes: z.number(),
  activation_bytes: z.number(),
  overhead_bytes: z.number().describe('CUDA context, communication buffers, graphs.'),
  kv_cache_bytes: z.number().describe('What is left for the KV cache under gpu_memory_utilization; 0 when nothing is.'),
  headroom_bytes: z.number().describe('Kept free by gpu_memory_utilization.'),
  kv_capacity_tokens: z.number().describe('Tokens whose KV cache one replica can hold.'),
  max_concurrent_sequences: z.number().describe('Sequences of the workload’s length that fit at once, per replica.'),
  reason: Reason.nullable(),
})
export type MemoryFit = z.infer<typeof MemoryFit>

/** A predicted figure; `low`–`high` is the 80 % interval, null where the predictor states none. */
export const Estimate = z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() })
export type Estimate = z.infer<typeof Estimate>

export const PredictedPercentiles = z.object({ p50: Estimate, p95: Estimate, p99: Estimate })
export type PredictedPercentiles = z.infer<typeof PredictedPercentiles>

/** What stands behind a prediction: how near the measured rows are, and how much live observations moved it. */
export const Evidence = z.object({
  novelty: z
    .enum(['measured', 'new-engine', 'new-model', 'new-gpu', 'new-model-and-gpu'])
    .describe('Whether rows of this model architecture and this GPU were in the training data.'),
  interval_group: z.string().describe('Kind of workload whose residuals made the interval, e.g. "closed-loop".'),
  observations: z.number().int().describe('Live observations that refined it.'),
  refinement: z.string().nullable().describe('Version of the refinement applied.'),
})
export type Evidence = z.infer<typeof Evidence>

export const Prediction = z.object({
  predictor: z.string().describe('Name and version of what predicted, e.g. "trees-2026.11".'),
  ttft_ms: Estimate.describe('Mean time to first token, waiting included.'),
  ttft_ms_p99: Estimate,
  tpot_ms: Estimate.describe('Mean time per output token: (e2e − TTFT) / (output tokens − 1).'),
  e2e_ms: Estimate,
  e2e_ms_p99: Estimate,
  output_tokens_per_s: Estimate.describe('Whole deployment, at the workload’s load.'),
  max_output_tokens_per_s: Estimate.describe('Whole deployment, saturated.'),
  requests_per_s: Estimate,
  max_requests_per_s: Estimate.optional().describe('Whole deployment, saturated.'),
  percentiles: z
    .object({ ttft_ms: PredictedPercentiles, tpot_ms: PredictedPercentiles, e2e_ms: PredictedPercentiles })
    .optional(),
  per_replica: z
    .object({ output_tokens_per_s: Estimate, max_output_tokens_per_s: Estimate, max_requests_per_s: Estimate })
    .optional(),
  evidence: Evidence.optional(),
  batch_per_replica: z.number().describe('Sequences decoded together at the workload’s load.'),
  saturated: z.boolean().describe('The load exceeds what the replicas can serve: requests queue.'),
  memory: MemoryFit,
  gpus: z.number().int(),
  cost_usd_per_hour: z.number().nullable().describe('null: no price in the price book.'),
  cost_usd_per_million_output_tokens: z.number().nullable(),
})
export type Prediction = z.infer<typeof Prediction>

export const Candidate = z.object({
  deployment: Deployment,
  prediction: Prediction,
  why: z.string().describe('One sentence: why it stands where it stands.'),
})
export type Candidate = z.infer<typeof Candidate>

/** Configurations turned down for one reason, with one of them as the example. */
export const RejectedGroup = z.object({
  reason: Reason,
  count: z.number().int(),
  example: Deployment,
})
export type RejectedGroup = z.infer<typeof RejectedGroup>

/** What the next smaller model of a family would do under the same limits. */
export const SmallerSibling = z.object({
  model: z.string(),
  parameter_count: z.number().int(),
  feasible: z.boolean(),
  candidate: Candidate.nullable().describe('Its recommended configuration; null when it holds no limits either.'),
})
export type SmallerSibling = z.infer<typeof SmallerSibling>

/** A change under which a near miss would hold; every one that is offered has been tried. */
export const Remedy = z.object({
  targets: Targets.partial().optional().describe('Limits as they would have to be.'),
  workload: z
    .object({ concurrency: z.number().int().optional(), request_rate_per_s: z.number().optional() })
    .optional()
    .describe('The load that would hold.'),
  gpus: z
    .object({ gpu_type: z.string(), more: z.number().int(), together: z.number().int() })
    .optional()
    .describe('So many more free GPUs, in nodes that each hold `together` of them or a multiple.'),
})
export type Remedy = z.infer<typeof Remedy>

export const SearchMethod = z.enum(['auto', 'exhaustive', 'genetic'])
export type SearchMethod = z.infer<typeof SearchMethod>
