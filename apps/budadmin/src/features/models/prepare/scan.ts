/** A scan report as a verdict in words, and its findings as reasons. "Not scanned" is never "clean". */
import type { ModelDetail } from '@bud/contract'
import type { Reason } from '@bud/kernel'
import { formatBytes, plural } from '../../../prepare/format.ts'
import type { Tone } from '../../../prepare/states.ts'

type Report = NonNullable<ModelDetail['scan']>

export interface ScanVerdict {
  tone: Tone
  word: string
  detail: string
}

export function toVerdict(report: Report | null, hasFiles: boolean): ScanVerdict {
  if (!report) {
    return hasFiles
      ? { tone: 'idle', word: 'Not scanned', detail: 'No scan has ended yet.' }
      : { tone: 'idle', word: 'Nothing to scan', detail: 'A catalogue entry has no files.' }
  }
  const detail = coverage(report)
  if (report.verdict === 'clean') return { tone: 'good', word: 'Clean', detail }
  if (report.verdict === 'blocked') return { tone: 'bad', word: 'Blocked', detail }
  return { tone: 'warn', word: 'Incomplete', detail }
}

function coverage(report: Report): string {
  const bytes = report.files.reduce((sum, file) => sum + file.bytes, 0)
  const covered = report.files.reduce((sum, file) => sum + file.bytes_covered, 0)
  return `${formatBytes(covered)} of ${formatBytes(bytes)} read in ${plural(report.files.length, 'file')}`
}

const toneOf = { block: 'bad', warn: 'warn', info: 'idle' } as const satisfies Record<string, Tone>

export interface FindingGroup {
  tone: Tone
  reasons: Reason[]
}

/** The gravest first. */
export function groupFindings(report: Report): FindingGroup[] {
  return (['block', 'warn', 'info'] as const)
    .map((severity) => ({
      tone: toneOf[severity],
      reasons: report.findings
        .filter((finding) => finding.severity === severity)
        .map((finding) => ({
          code: finding.rule,
          path: finding.path,
          message: finding.message,
          evidence: [
            `${finding.scanner} · ${finding.rule}`,
            finding.offset === null ? undefined : `byte ${finding.offset}`,
            finding.evidence ?? undefined,
          ]
            .filter((part) => part !== undefined)
            .join(' · '),
        })),
    }))
    .filter((group) => group.reasons.length > 0)
}
