/** Findings as they are kept: all of them, for the policy judges each; so many that nobody could judge them are one more. */
import { finding, type ReportedFinding, type Severity } from './scan-report.ts'

const MAX_FINDINGS = 20_000
const ORDER: Record<Severity, number> = { block: 0, warn: 1, info: 2 }

/** Worst first. A model with more than can be kept is blocked: what is left out may be what counts. */
export function boundedFindings(findings: readonly ReportedFinding[]): ReportedFinding[] {
  const sorted = findings.toSorted(
    (a, b) =>
      ORDER[a.severity] - ORDER[b.severity] ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : (a.offset ?? 0) - (b.offset ?? 0)),
  )
  if (sorted.length <= MAX_FINDINGS) return sorted
  const message = `There are ${sorted.length.toLocaleString('en')} findings; no more than ${MAX_FINDINGS.toLocaleString('en')} can be judged.`
  const tooMany = { ...finding('block', 'too-many-findings', message), path: sorted[0]?.path ?? '', scanner: 'import' }
  return [tooMany, ...sorted.slice(0, MAX_FINDINGS)]
}
