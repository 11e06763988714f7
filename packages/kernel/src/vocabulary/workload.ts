import { z } from 'zod'

const spread = (of: string) =>
  z.number().min(0).max(10).optional().describe(`Coefficient of variation (standard deviation ÷ mean) of ${of}.`)

/** What will be asked of an endpoint. Either `concurrency` or `request_rate_per_s` says how much. */
export const Workload = z
  .strictObject({
    input_tokens: z.number().int().min(1).max(2_000_000).default(1024).describe('Mean prompt length.'),
    output_tokens: z.number().int().min(1).max(200_000).default(256).describe('Mean answer length.'),
    concurrency: z.number().int().min(1).max(100_000).optional().describe('Requests in flight, whole deployment.'),
    request_rate_per_s: z
      .number()
      .positive()
      .max(100_000)
      .optional()
      .describe('Arrivals per second, whole deployment.'),
    prefix_cache_share: z.number().min(0).max(0.99).default(0).describe('Share of prompt tokens already cached.'),
    input_tokens_cv: spread('prompt lengths'),
    output_tokens_cv: spread('answer lengths'),
    arrival_cv: spread('times between arrivals; 1 is a Poisson stream (default), more comes in bursts'),
    structured_output: z.boolean().optional().describe('Answers must follow a JSON schema or grammar.'),
  })
  .refine((w) => w.concurrency === undefined || w.request_rate_per_s === undefined, {
    message: 'give concurrency or request_rate_per_s, not both',
    path: ['concurrency'],
  })
export type Workload = z.infer<typeof Workload>

/** Limits that a configuration must hold. Times are upper bounds, rates lower bounds, budgets upper bounds. */
export const Targets = z.strictObject({
  ttft_ms: z.number().positive().optional().describe('Time to first token.'),
  e2e_ms: z.number().positive().optional().describe('Whole answer: end-to-end latency.'),
  tokens_per_s: z.number().positive().optional().describe('Output tokens per second of the whole deployment.'),
  tokens_per_s_per_user: z
    .number()
    .positive()
    .optional()
    .describe('Output tokens per second of one stream (1000 / TPOT).'),
  budget_usd_per_hour: z.number().positive().optional(),
  budget_usd_per_month: z.number().positive().optional().describe('Counted as 730 hours.'),
})
export type Targets = z.infer<typeof Targets>

export const Objective = z.enum(['cost', 'latency', 'throughput'])
export type Objective = z.infer<typeof Objective>

/** How sure a configuration must be to hold its latency and rate limits: 0.5 takes predictions as they are. */
export const Confidence = z.number().min(0.5).max(0.99)
/** Measured to hold in more than nine picks of ten (data/ERRORS.md, decisions). */
export const DEFAULT_CONFIDENCE = 0.8
