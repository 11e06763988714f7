/** What zod found, as reasons with paths: each unknown field is one. */
import type { Reason } from '@bud/kernel'
import type { z } from 'zod'

export function issueReasons(issue: z.core.$ZodIssue): Reason[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'unknown-field',
      message: `Unknown field "${key}".`,
      path: [...issue.path, key].join('.'),
    }))
  }
  return [{ code: issue.code.replaceAll('_', '-'), message: issue.message, path: issue.path.join('.') }]
}
