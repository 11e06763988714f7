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

export function sendError(reply: FastifyReply, error: BudError): FastifyReply {
  const { status, code } = isMalformed(error) ? malformed : statusOf[error.code]
  return send(reply, status, code, error.message, error.reasons)
}

/** What the HTTP machinery refuses before anyone reads it keeps its own status. */
const refusals: Partial<Record<number, { code: string; message: string }>> = {
  413: { code: 'PAYLOAD_TOO_LARGE', message: 'The body is too large. Files go to PUT /uploads/{id}/files/{path}.' },
  415: { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'Send the body as application/json or application/yaml.' },
}

export function sendRefusal(reply: FastifyReply, status: number, why: string): FastifyReply {
  const { code, message } = refusals[status] ?? { code: malformed.code, message: why }
  return send(reply, status, code, message, [])
}

export function sendWrongMethod(reply: FastifyReply, path: string, allowed: readonly string[]): FastifyReply {
  reply.header('allow', allowed.join(', '))
  return send(reply, 405, 'METHOD_NOT_SUPPORTED', `${path} answers to ${allowed.join(' and ')} only.`, [])
}

/** The body every error has: `{code, message, data: {reasons}}`, as oRPC's client reads it. */
function send(reply: FastifyReply, status: number, code: string, message: string, reasons: BudError['reasons']) {
  return reply
    .status(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify({ defined: false, code, status, message, data: { reasons } }))
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
