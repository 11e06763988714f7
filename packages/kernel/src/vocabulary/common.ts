/**
 * The shapes that cross packages and the wire. Field names are snake_case with units last, exactly as they appear
 * in the HTTP API and in the guide's documents: one shape, never converted (docs/adr/0002).
 */
import { z } from 'zod'

/** Why something was refused, failed or was chosen: shown to people as it is. */
export const Reason = z.object({
  code: z.string().describe('Stable kebab-case word for programs, e.g. "gpu-memory-exceeded".'),
  message: z.string().describe('One sentence that names the thing and the numbers.'),
  path: z.string().optional().describe('Where in the input, e.g. "deployment.config.tensor_parallel_size".'),
  evidence: z.string().optional().describe('The line or figure that proves it.'),
  next_step: z.string().optional().describe('What to do about it.'),
})
export type Reason = z.infer<typeof Reason>

/** ISO 8601 in UTC, as `Date.prototype.toISOString` writes it. */
export const Timestamp = z.iso.datetime()

/** DNS-label names for endpoints, clusters and routes. */
export const ResourceName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
    'use 1–40 lower-case letters, digits and hyphens, starting and ending with a letter or digit',
  )

export const Stage = z.enum(['staging', 'production'])
export type Stage = z.infer<typeof Stage>

/** Engines the product can run; names as in the guide's documents. */
export const EngineName = z.enum(['vllm', 'sglang', 'tensorrt-llm'])
export type EngineName = z.infer<typeof EngineName>

export const Page = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().describe('Pass as `cursor` for the next page; null on the last.'),
  })
