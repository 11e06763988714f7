/** Errors of flows are stored as plain data and come back without their class; this gives it back. */
import { BudError, type ErrorCode, type ErrorReason } from '@bud/kernel'
import { z } from 'zod'

const CODES = [
  'invalid-input',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'unavailable',
  'failed',
  'internal',
] as const satisfies readonly ErrorCode[]

const StoredBudError = z.object({
  name: z.literal('BudError'),
  code: z.enum(CODES),
  message: z.string(),
  retryable: z.boolean(),
  reasons: z.array(z.object({ code: z.string(), message: z.string() }).loose()),
  cause: z.unknown().optional(),
})

/** The same error with its class, code and reasons; anything else is returned as it is. */
export function reviveError(error: unknown): unknown {
  if (error instanceof BudError || !(error instanceof Error)) return error
  const stored = StoredBudError.safeParse({ ...error, name: error.name, message: error.message, cause: error.cause })
  if (!stored.success) return error
  const { code, message, retryable, reasons, cause } = stored.data
  const revived = new BudError(code, message, {
    retryable,
    reasons: reasons as ErrorReason[],
    cause: reviveError(cause),
  })
  if (error.stack) revived.stack = error.stack
  return revived
}
