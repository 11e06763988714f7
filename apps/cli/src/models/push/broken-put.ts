/** Bytes that did not arrive: what is said of it, and whether it is worth trying again. */
import { BudError, type ErrorCode, messageOf } from '@bud/kernel'
import { z } from 'zod'
import { isConnectionError } from '../../errors.ts'
import type { PutAnswer, Target } from './put-bytes.ts'

export class BrokenPut extends BudError {
  readonly isWorthRetrying: boolean

  constructor(code: ErrorCode, message: string, details: { isWorthRetrying: boolean; cause?: unknown }) {
    super(code, message, { cause: details.cause })
    this.isWorthRetrying = details.isWorthRetrying
  }
}

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  400: 'invalid-input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  422: 'invalid-input',
  503: 'unavailable',
}

export function refusedPut(path: string, target: Target, { status, body }: PutAnswer): BrokenPut {
  if (target.isOwn) {
    const said = Refusal.safeParse(parsed(body)).data?.message ?? `the server answered ${status}`
    const isWorthRetrying = status === 408 || status === 429 || status >= 500
    return new BrokenPut(CODE_OF_STATUS[status] ?? 'failed', `${path} was not accepted: ${said}`, { isWorthRetrying })
  }
  const said = /<Message>([^<]{1,300})<\/Message>/.exec(body)?.[1]
  const message = `${path} was not accepted: the store at ${target.url.origin} answered ${status}${said ? ` (${said})` : ''}.`
  // A signed address ends after an hour, and the store does not say so in one way: a fresh one is asked for.
  return new BrokenPut('failed', message, { isWorthRetrying: true })
}

/** The line broke, or the file could not be read. */
export function brokenLine(path: string, target: Target, cause: unknown): Error {
  if (cause instanceof BudError) return cause
  if (
    cause instanceof Error &&
    'syscall' in cause &&
    ['open', 'read'].includes(String(cause.syscall)) &&
    'path' in cause
  )
    return new BudError('invalid-input', `${path} cannot be read: ${cause.message}`, { cause })
  const who = target.isOwn ? 'the Foundry' : 'the store'
  const message = `${path} could not be sent: the line to ${who} at ${target.url.origin} broke (${messageOf(cause)}).`
  const isWorthRetrying = isConnectionError(cause) || isPrematureClose(cause)
  return new BrokenPut('unavailable', message, { cause, isWorthRetrying })
}

const Refusal = z.object({ message: z.string() })

const isPrematureClose = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
