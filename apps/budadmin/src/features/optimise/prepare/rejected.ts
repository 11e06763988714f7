/** Why configurations were turned down, for people: the API's paths and what the message says already stay out. */
import type { Reason } from '@bud/kernel'

export function toRejectedReason({ path, evidence, ...reason }: Reason): Reason {
  const repeats = path?.startsWith('targets.') ?? false
  return { ...reason, ...(evidence && !repeats ? { evidence } : {}) }
}
