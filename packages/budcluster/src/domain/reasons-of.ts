import { BudError, messageOf, type Reason } from '@bud/kernel'

/** An error as reasons: its own, or itself as one. */
export const reasonsOf = (error: unknown): Reason[] =>
  error instanceof BudError && error.reasons.length > 0
    ? [...error.reasons]
    : [{ code: error instanceof BudError ? error.code : 'internal', message: messageOf(error) }]
