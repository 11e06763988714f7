/** One error type for the whole product, so that HTTP and the command line map it in one place each. */

export type ErrorCode =
  | 'invalid-input'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'unavailable'
  | 'failed'
  | 'internal'

/**
 * An error whose message may be shown to a person: it names the thing, its id and the next step.
 * `retryable` tells workflows whether trying again can help; `reasons` lists every problem found at once.
 */
export class BudError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly reasons: readonly ErrorReason[]

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryable?: boolean; reasons?: readonly ErrorReason[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'BudError'
    this.code = code
    this.retryable = options.retryable ?? code === 'unavailable'
    this.reasons = options.reasons ?? []
  }
}

/** Structurally the vocabulary's `Reason`; repeated here so that errors import nothing. */
export interface ErrorReason {
  code: string
  message: string
  path?: string | undefined
  evidence?: string | undefined
  next_step?: string | undefined
}

export const invalidInput = (message: string, reasons: readonly ErrorReason[] = []) =>
  new BudError('invalid-input', message, { reasons })

/** `what` is the kind ("model"), `id` what was asked for, `next` the command or place that lists what exists. */
export const notFound = (what: string, id: string, next?: string) =>
  new BudError('not-found', `No ${what} "${id}" in this project.${next ? ` ${next}` : ''}`)

export const conflict = (message: string, reasons: readonly ErrorReason[] = []) =>
  new BudError('conflict', message, { reasons })

export const unavailable = (message: string, cause?: unknown) =>
  new BudError('unavailable', message, { retryable: true, cause })

/** Terminal: trying again will not help. */
export const failed = (message: string, reasons: readonly ErrorReason[] = [], cause?: unknown) =>
  new BudError('failed', message, { reasons, cause })

export function assertNever(value: never): never {
  throw new BudError('internal', `Impossible value: ${JSON.stringify(value)}`)
}

/** The text of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** An error as reasons: its own, or itself as one, with what to do next where that is known. */
export function reasonsOf(error: unknown, nextStep?: string): ErrorReason[] {
  if (error instanceof BudError && error.reasons.length > 0) return [...error.reasons]
  const code = error instanceof BudError ? error.code : 'internal'
  return [{ code, message: messageOf(error), ...(nextStep === undefined ? {} : { next_step: nextStep }) }]
}
