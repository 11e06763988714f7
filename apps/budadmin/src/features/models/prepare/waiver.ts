/** The form that lets one finding through, named and for a time. */
import { CreateWaiver } from '@bud/contract'
import type { Finding } from './scan.ts'

export interface WaiverForm {
  name: string
  reason: string
  /** YYYY-MM-DD, the last day it counts. */
  expires: string
  /** Only while the file's content stays what it is. */
  pinned: boolean
}

const DAY_MS = 86_400_000
const USUAL_DAYS = 90
const MOST_DAYS = 365

const dayAfter = (nowMs: number, days: number): string => new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10)

/** Which days may be chosen. */
export const expiryBounds = (nowMs: number) => ({ min: dayAfter(nowMs, 0), max: dayAfter(nowMs, MOST_DAYS) })

export const newWaiver = (finding: Finding, modelName: string, nowMs: number): WaiverForm => ({
  name: waiverName(finding.rule, modelName),
  reason: '',
  expires: dayAfter(nowMs, USUAL_DAYS),
  pinned: true,
})

function waiverName(rule: string, modelName: string): string {
  return `${modelName}-${rule}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
}

export interface WaivedFile {
  model: string
  finding: Finding
  sha256: string | undefined
}

type Parsed = { ok: true; waiver: CreateWaiverInput } | { ok: false; problems: WaiverProblems }
type CreateWaiverInput = ReturnType<typeof CreateWaiver.parse>
export type WaiverProblems = Partial<Record<'name' | 'reason' | 'expires', string>>

export function parseWaiver(form: WaiverForm, { model, finding, sha256 }: WaivedFile, nowMs: number): Parsed {
  const parsed = CreateWaiver.safeParse({
    name: form.name.trim(),
    rule: finding.rule,
    model,
    path: finding.path,
    ...(form.pinned && sha256 ? { sha256 } : {}),
    reason: form.reason.trim(),
    expires: form.expires,
  })
  const problems: WaiverProblems = {}
  for (const issue of parsed.error?.issues ?? []) {
    const [field] = issue.path
    if (field === 'name') problems.name = issue.message
    if (field === 'reason') problems.reason = 'say why, so that the next reader knows'
    if (field === 'expires') problems.expires = 'choose the last day it counts'
  }
  const { min, max } = expiryBounds(nowMs)
  if (!problems.expires && (form.expires < min || form.expires > max)) problems.expires = `between ${min} and ${max}`
  if (Object.keys(problems).length > 0 || !parsed.success) return { ok: false, problems }
  return { ok: true, waiver: parsed.data }
}
