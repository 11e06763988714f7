/** BudError → HTTP, in this one place. */
import { BudError, type ErrorCode } from '@bud/kernel'
import { ORPCError, ValidationError } from '@orpc/server'
import type { FastifyReply } from 'fastify'

const statusOf: Record<ErrorCode, { status: number; code: string }> = {
  'invalid-input': { status: 422, code: 'UNPROCESSABLE_CONTENT' },
  unauthenticated: { status: 401, code: 'UNAUTHORIZED' },
  forbidden: { status: 403, code: 'FORBIDDEN' },
  'not-found': { status: 404, code: 'NOT_FOUND' },
  conflict: { status: 409, code: 'CONFLICT' },
  unavailable: { status: 503, code: 'SERVICE_UNAVAILABLE' },
  failed: { status: 422, code: 'UNPROCESSABLE_CONTENT' },
  internal: { status: 500, code: 'INTERNAL_SERVER_ERROR' },
}

/** A body that does not even parse; what parses but is wrong is unprocessable. */
const malformed = { status: 400, code: 'BAD_REQUEST' }
const isMalformed = (error: BudError) => error.reasons.some((reason) => reason.code === 'malformed-body')

/** The body every error has: `{code, message, data: {reasons}}`, as oRPC's client reads it. */
export function sendError(reply: FastifyReply, error: BudError): FastifyReply {
  const { status, code } = isMalformed(error) ? malformed : statusOf[error.code]
  return reply
    .status(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify({ defined: false, code, status, message: error.message, data: { reasons: error.reasons } }))
}

/** For oRPC's interceptor: what a handler threw, as what the client is told. Unknown errors say nothing of the inside. */
export function toApiError(error: unknown): unknown {
  if (error instanceof ORPCError)
    return error.cause instanceof ValidationError ? validationError(error, error.cause) : error
  if (!(error instanceof BudError)) return error
  const { status, code } = statusOf[error.code]
  return new ORPCError(code, { status, message: error.message, data: { reasons: error.reasons }, cause: error })
}

function validationError(error: ORPCError<string, unknown>, cause: ValidationError): ORPCError<string, unknown> {
  if (error.code !== 'BAD_REQUEST') return error
  const reasons = cause.issues.flatMap((issue) => expandIssue(issue))
  const message = `The request has ${reasons.length === 1 ? 'a problem' : `${reasons.length} problems`}: ${reasons
    .map((reason) => `${reason.path || 'body'}: ${reason.message}`)
    .join('; ')}`
  return new ORPCError('UNPROCESSABLE_CONTENT', { status: 422, message, data: { reasons }, cause })
}

interface Issue {
  message: string
  path?: ReadonlyArray<PropertyKey | { key: PropertyKey }> | undefined
}

/** zod reports unknown fields together; people want one line for each. */
function expandIssue(issue: Issue) {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  const keys = 'keys' in issue && Array.isArray(issue.keys) ? issue.keys.map(String) : undefined
  if (!keys) return [{ code: 'invalid', path: path.join('.'), message: issue.message }]
  return keys.map((key) => ({
    code: 'unknown-field',
    path: [...path, key].join('.'),
    message: 'there is no such field',
  }))
}
