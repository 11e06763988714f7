/** What a scan found, and the one verdict that follows from it: what was not read is never clean. */

export type Severity = 'block' | 'warn' | 'info'

/** One thing that was seen in a file; `offset` counts from the file's start. */
export interface Finding {
  severity: Severity
  rule: string
  message: string
  offset: number | null
  evidence: string | null
}

/** What one scanner says about one file. `bytes_covered` < the file's size means: not fully looked at. */
export interface FileScan {
  format: string
  bytes_covered: number
  findings: Finding[]
}

export interface ReportedFinding extends Finding {
  path: string
  scanner: string
}

export interface ScannedFile {
  path: string
  format: string
  bytes: number
  bytes_covered: number
}

export type Verdict = 'clean' | 'blocked' | 'incomplete'

export interface ScanReport {
  verdict: Verdict
  started_at: string
  ended_at: string
  scanners: { name: string; version: string }[]
  files: ScannedFile[]
  findings: ReportedFinding[]
}

export const finding = (
  severity: Severity,
  rule: string,
  message: string,
  where: { offset?: number | undefined; evidence?: string | undefined } = {},
): Finding => ({
  severity,
  rule,
  message,
  offset: where.offset ?? null,
  evidence: where.evidence === undefined ? null : where.evidence.slice(0, 300),
})

/** Blocked wins over incomplete: what is known to be bad stays bad. A scan of nothing is incomplete. */
export function verdictOf(files: readonly ScannedFile[], findings: readonly ReportedFinding[]): Verdict {
  if (findings.some(({ severity }) => severity === 'block')) return 'blocked'
  if (files.length === 0 || files.some((file) => file.bytes_covered < file.bytes)) return 'incomplete'
  return 'clean'
}

const SEVERITY_ORDER: Record<Severity, number> = { block: 0, warn: 1, info: 2 }
const MAX_FINDINGS = 1000

/** Worst first, then by file; cut off where nobody would read on, with a line that says so. */
export function sortFindings(findings: readonly ReportedFinding[]): ReportedFinding[] {
  const sorted = findings.toSorted(
    (a, b) =>
      SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : (a.offset ?? 0) - (b.offset ?? 0)),
  )
  const shown = sorted.slice(0, MAX_FINDINGS)
  const left = sorted.length - shown.length
  const last = shown.at(-1)
  if (left > 0 && last) {
    shown.push({
      ...finding('info', 'more-findings', `${left} more findings are not listed.`),
      path: last.path,
      scanner: last.scanner,
    })
  }
  return shown
}
