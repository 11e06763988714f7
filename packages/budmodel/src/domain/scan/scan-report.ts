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

export interface FileCoverage {
  scanner: string
  bytes_covered: number
}

export interface ScannedFile {
  path: string
  /** What the bytes are, whatever the name says. */
  format: string
  bytes: number
  sha256: string
  scanned: FileCoverage[]
}

/** What the scanners said of one version, before the owner's policy has a say. */
export interface ScanFacts {
  started_at: string
  ended_at: string
  scanners: { name: string; version: string }[]
  files: ScannedFile[]
  findings: ReportedFinding[]
}

export type Verdict = 'clean' | 'blocked' | 'incomplete'

export interface JudgedFinding extends ReportedFinding {
  /** As the policy has it. */
  action: Severity | 'waived'
  /** Name of the waiver that lets it through. */
  waiver: string | null
}

/** The facts as the policy judges them; each file's part is kept with the file. */
export interface ScanReport {
  verdict: Verdict
  started_at: string
  ended_at: string
  scanners: { name: string; version: string }[]
  /** Digest of the policy that judged. */
  policy: string
  file_count: number
  bytes: number
  /** Looked at by every scanner. */
  bytes_covered: number
  findings: JudgedFinding[]
}

/** Bytes that every scanner has looked at; none when nobody looked. */
export const coveredBytes = ({ scanned }: Pick<ScannedFile, 'scanned'>): number =>
  scanned.length === 0 ? 0 : Math.min(...scanned.map(({ bytes_covered }) => bytes_covered))

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

const ORDER: Record<JudgedFinding['action'], number> = { block: 0, warn: 1, waived: 2, info: 3 }
const MAX_SHOWN = 1000

export const worstFirst = (a: JudgedFinding, b: JudgedFinding): number =>
  ORDER[a.action] - ORDER[b.action] || (a.path < b.path ? -1 : a.path > b.path ? 1 : (a.offset ?? 0) - (b.offset ?? 0))

/** Worst action first, then by file; cut off where nobody would read on, with a line that says so. Only after judging. */
export function showFindings(judged: readonly JudgedFinding[]): JudgedFinding[] {
  const sorted = judged.toSorted(worstFirst)
  const last = sorted[MAX_SHOWN - 1]
  const left = sorted.length - MAX_SHOWN
  return left > 0 && last ? [...sorted.slice(0, MAX_SHOWN), moreFindings(left, last)] : sorted
}

/** Says of a list that it was cut off after `last`. */
export const moreFindings = (left: number, { path, scanner }: ReportedFinding): JudgedFinding => ({
  ...finding('info', 'more-findings', `${left} more findings are not listed.`),
  path,
  scanner,
  action: 'info',
  waiver: null,
})
