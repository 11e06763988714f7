/** Whatever a request ended with, as something a person can act on. */
import type { Reason } from '@bud/kernel'

export interface Problem {
  /** HTTP status; 0 when no answer came at all. */
  status: number
  message: string
  reasons: Reason[]
}

/** Reads the API's error body (`message`, `data.reasons` or `data.issues`) and copes with anything else thrown. */
export function toProblem(error: unknown): Problem {
  const record = asRecord(error)
  const status = typeof record?.status === 'number' ? record.status : 0
  const data = asRecord(record?.data)
  const body = asRecord(data?.body) ?? data
  const text = [asRecord(body)?.message, record?.message].find((part) => typeof part === 'string' && part !== '')
  return { status, message: plainMessage(status, text), reasons: reasonsOf(body) }
}

/** The message without the sentences that its reasons say again; empty when they say it all. */
export const headlineOf = ({ message, reasons }: Problem): string =>
  reasons
    .reduce((text, reason) => text.replace(reason.message, ''), message)
    .replace(/\s+/g, ' ')
    .trim()

export const isUnauthenticated = (error: unknown): boolean => toProblem(error).status === 401

function plainMessage(status: number, text: unknown): string {
  if (status === 0 && (text === 'Failed to fetch' || text === 'Load failed' || text === undefined)) {
    return 'The server does not answer. Check that Foundry is running; this page tries again by itself.'
  }
  return typeof text === 'string' ? text : `The server answered ${status} without saying why.`
}

function reasonsOf(body: Record<string, unknown> | undefined): Reason[] {
  const reasons = body?.reasons
  if (Array.isArray(reasons)) return reasons.filter(isReason)
  const issues = body?.issues
  return Array.isArray(issues) ? issues.flatMap(toReason) : []
}

function toReason(issue: unknown): Reason[] {
  const record = asRecord(issue)
  if (typeof record?.message !== 'string') return []
  const path = Array.isArray(record.path) ? record.path.map(String).join('.') : undefined
  return [{ code: 'invalid', message: record.message, ...(path ? { path } : {}) }]
}

function isReason(value: unknown): value is Reason {
  const record = asRecord(value)
  return typeof record?.code === 'string' && typeof record.message === 'string'
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}
