/** Whatever went wrong → what the person reads, and the exit code that scripts read. */
import { BudError, type ErrorCode } from '@bud/kernel'
import { z } from 'zod'
import { inCommands } from './hints.ts'
import { reasons } from './output.ts'

export const exitCodes = { ok: 0, failed: 1, usage: 2, unreachable: 3, notFound: 4, conflict: 5 } as const

const ErrorData = z.object({
  reasons: z.array(
    z.object({
      message: z.string(),
      path: z.string().optional(),
      evidence: z.string().optional(),
      next_step: z.string().optional(),
    }),
  ),
})

/** What the typed client throws when the server refuses; told by its shape, so that the client is loaded only when used. */
const Refusal = z.object({ status: z.number(), code: z.string(), message: z.string(), data: z.unknown() })

const codeOfStatus = (status: number): number =>
  status === 401 || status === 403 || status === 503
    ? exitCodes.unreachable
    : status === 404
      ? exitCodes.notFound
      : status === 409
        ? exitCodes.conflict
        : status === 400 || status === 422
          ? exitCodes.usage
          : exitCodes.failed

const codeOfError: Record<ErrorCode, number> = {
  'invalid-input': exitCodes.usage,
  'not-found': exitCodes.notFound,
  conflict: exitCodes.conflict,
  unavailable: exitCodes.unreachable,
  unauthenticated: exitCodes.unreachable,
  forbidden: exitCodes.unreachable,
  failed: exitCodes.failed,
  internal: exitCodes.failed,
}

export interface Explained {
  message: string
  exitCode: number
  code: string
  reasons: z.infer<typeof ErrorData>['reasons']
}

export function explainError(error: unknown, connection?: { url: string; tokenSource: string }): Explained {
  const refusal = error instanceof Error ? Refusal.safeParse(error).data : undefined
  if (refusal) {
    const { status, code, message } = refusal
    const list = ErrorData.safeParse(refusal.data).data?.reasons ?? []
    const hint = status === 401 && connection ? ` (token from ${connection.tokenSource})` : ''
    return { message: `${message}${hint}`, exitCode: codeOfStatus(status), code, reasons: list }
  }
  if (error instanceof BudError) {
    return {
      message: error.message,
      exitCode: codeOfError[error.code],
      code: error.code,
      reasons: error.reasons.map((reason) => ({ ...reason })),
    }
  }
  if (isConnectionError(error) && connection) {
    return {
      message: `No Foundry answers at ${connection.url}. Start one with "npm start", or say where it is: --url or BUD_URL, BUD_PORT.`,
      exitCode: exitCodes.unreachable,
      code: 'UNREACHABLE',
      reasons: [],
    }
  }
  return {
    message: error instanceof Error ? error.message : String(error),
    exitCode: exitCodes.failed,
    code: 'FAILED',
    reasons: [],
  }
}

export function printError(explained: Explained): void {
  console.error(inCommands(explained.message))
  // The message of a validation error already says all when there is one reason.
  const list = explained.reasons.filter((reason) => !explained.message.includes(reason.message) || reason.next_step)
  if (list.length > 0) console.error(reasons(list))
}

export function printJsonError({ code, message, reasons: list }: Omit<Explained, 'exitCode'>): void {
  console.log(JSON.stringify({ error: { code, message, reasons: list } }, null, 2))
}

/** Nobody answered, or the line broke; not: the server refused. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (
    'code' in error &&
    /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|UND_ERR)/.test(String(error.code))
  )
    return true
  return error.message === 'fetch failed' || isConnectionError(error.cause)
}
