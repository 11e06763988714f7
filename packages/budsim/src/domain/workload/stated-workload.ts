/** A workload as requests state it: lengths may be distributions, and a preset may stand for what is not said. */
import { type Reason, Workload } from '@bud/kernel'
import { z } from 'zod'
import { LengthDistribution, toLengths } from './length-distribution.ts'
import { WORKLOAD_PRESET_NAMES, WORKLOAD_PRESETS } from './presets.ts'

const { shape } = Workload

/** Beside `preset`, the fields of Workload; a field stated wins over the preset's. */
export const StatedWorkload = z.strictObject({
  preset: z.enum(WORKLOAD_PRESET_NAMES).optional(),
  input_tokens: LengthDistribution.optional(),
  output_tokens: LengthDistribution.optional(),
  concurrency: shape.concurrency,
  request_rate_per_s: shape.request_rate_per_s,
  prefix_cache_share: shape.prefix_cache_share.optional(),
  input_tokens_cv: shape.input_tokens_cv,
  output_tokens_cv: shape.output_tokens_cv,
  arrival_cv: shape.arrival_cv,
  structured_output: shape.structured_output,
})
export type StatedWorkload = z.input<typeof StatedWorkload>

/** Every problem at once, with paths below `workload`. */
export function resolveWorkload(stated: StatedWorkload): { workload: Workload } | { problems: Reason[] } {
  const { preset, input_tokens, output_tokens, ...rest } = stated
  const problems: Reason[] = []
  const merged: Record<string, unknown> = preset ? { ...WORKLOAD_PRESETS[preset].workload } : {}
  for (const [name, lengths] of Object.entries({ input_tokens, output_tokens })) {
    if (lengths === undefined) continue
    const found = toLengths(lengths)
    if ('problem' in found) problems.push(problemAt(name, `${found.problem}.`))
    else {
      merged[name] = Math.max(Math.round(found.mean), 1)
      if (found.cv === undefined) delete merged[`${name}_cv`]
      else merged[`${name}_cv`] = Math.min(found.cv, MOST_SPREAD)
    }
  }
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) merged[name] = value
  const parsed = Workload.safeParse(merged)
  if (parsed.success && problems.length === 0) return { workload: parsed.data }
  const issues = parsed.error?.issues ?? []
  return { problems: [...problems, ...issues.map(({ path, message }) => problemAt(path.join('.'), message))] }
}

const MOST_SPREAD = 10

const problemAt = (path: string, message: string): Reason => ({
  code: 'invalid-workload',
  message: `workload.${path}: ${message}`,
  path: `workload.${path}`,
})
