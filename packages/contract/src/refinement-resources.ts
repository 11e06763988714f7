/** What the API answers with about actual against predicted, and what was learnt from it. */
import { Reason, Timestamp } from '@bud/kernel'
import { z } from 'zod'

const MeasuredFigures = z.object({
  ttft_ms: z.number().nullable(),
  tpot_ms: z.number().nullable(),
  output_tokens_per_s: z.number().nullable(),
})
export const EndpointObservations = z.object({
  endpoint_id: z.string(),
  refinement: z.number().int().nullable().describe('Version of the refinement in force; null: none.'),
  drift: z
    .object({
      drifting: z.boolean(),
      target: z.enum(['tpot', 'ttft']).nullable().describe('What has shifted.'),
      since: Timestamp.nullable(),
      from_ratio: z.number().nullable().describe('measured ÷ predicted before.'),
      to_ratio: z.number().nullable().describe('measured ÷ predicted since.'),
      changed_at: Timestamp,
    })
    .nullable()
    .describe('null: nothing was observed yet.'),
  observations: z
    .array(
      z.object({
        id: z.string(),
        from: Timestamp,
        to: Timestamp,
        revision: z.number().int().nullable(),
        load: z.object({
          input_tokens: z.number(),
          output_tokens: z.number(),
          concurrency: z.number().describe('Requests in flight per replica.'),
          requests: z.number().int(),
        }),
        measured: MeasuredFigures.describe('Means of one replica.'),
        predicted: z
          .object({ ttft_ms: z.number(), tpot_ms: z.number(), output_tokens_per_s: z.number() })
          .describe('For the load that was measured, as it was predicted then.'),
        predictor: z.string(),
        refinement: z.number().int().nullable().describe('Version of the refinement that predicted.'),
      }),
    )
    .describe('Newest first.'),
})
export type EndpointObservations = z.infer<typeof EndpointObservations>

export const Refinement = z.object({
  number: z.number().int(),
  active: z.boolean(),
  predictor: z.string().describe('The predictor that it corrects.'),
  observations: z.number().int(),
  endpoint_ids: z.array(z.string()).describe('Endpoints that it learnt from.'),
  observed_until: Timestamp,
  created_at: Timestamp,
  created_by: z.string(),
  reason: z.string(),
})
export type Refinement = z.infer<typeof Refinement>

/** What a database keeps: no NUL, no half of a surrogate pair, no more than a name needs. */
const Cell = z
  .string()
  .max(1000)
  .refine((text) => !text.includes('\u0000') && text.isWellFormed(), { error: 'holds letters that are no text' })

export const ImportObservations = z.strictObject({
  rows: z
    .array(z.record(z.string(), z.union([Cell, z.number(), z.boolean(), z.null()])))
    .min(1)
    .max(500)
    .describe('Measured rows in the columns of data/measurements.csv, e.g. ttft_ms_mean, tpot_ms_mean.'),
})
export const ImportedObservations = z.object({
  recorded: z.number().int(),
  skipped: z.array(Reason),
  refinement: z.number().int().nullable().describe('The version that came of it.'),
})
