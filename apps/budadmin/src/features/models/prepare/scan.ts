/** A scan report as a verdict in words, and its findings by what the policy does with them. */
import type { ModelDetail } from '@bud/contract'
import { formatBytes, formatInteger, formatShare, plural } from '../../../prepare/format.ts'
import type { Tone } from '../../../prepare/states.ts'

export type Report = NonNullable<ModelDetail['scan']>
export type Finding = Report['findings'][number]

export interface ScanVerdict {
  tone: Tone
  word: string
  detail: string
}

/** "Not scanned" is never "clean". */
export function toVerdict(report: Report | null, hasFiles: boolean): ScanVerdict {
  if (!report) {
    return hasFiles
      ? { tone: 'idle', word: 'Not scanned', detail: 'No scan has ended yet.' }
      : { tone: 'idle', word: 'Nothing to scan', detail: 'A catalogue entry has no files.' }
  }
  const detail = coverageText(report)
  if (report.verdict === 'clean') return { tone: 'good', word: 'Clean', detail }
  if (report.verdict === 'blocked') return { tone: 'bad', word: 'Blocked', detail }
  return { tone: 'warn', word: 'Incomplete', detail }
}

export const coverageText = ({ bytes, bytes_covered, file_count }: Report): string =>
  `${formatBytes(bytes_covered)} of ${formatBytes(bytes)} in ${plural(file_count, 'file')} looked at by every scanner`

/** 0–100, never 100 while a byte is missing. */
export const coveredPercent = ({ bytes, bytes_covered }: Pick<Report, 'bytes' | 'bytes_covered'>): number =>
  bytes === 0 ? 100 : Math.min(bytes_covered >= bytes ? 100 : 99.9, (100 * bytes_covered) / bytes)

export interface FindingGroup {
  action: Finding['action']
  title: string
  tone: Tone
  findings: Finding[]
}

const groups: readonly Omit<FindingGroup, 'findings'>[] = [
  { action: 'block', title: 'Blocks', tone: 'bad' },
  { action: 'warn', title: 'Warnings', tone: 'warn' },
  { action: 'waived', title: 'Waived', tone: 'idle' },
  { action: 'info', title: 'For information', tone: 'idle' },
]

/** The gravest first. */
export const groupFindings = (findings: readonly Finding[]): FindingGroup[] =>
  groups
    .map((group) => ({ ...group, findings: findings.filter((finding) => finding.action === group.action) }))
    .filter((group) => group.findings.length > 0)

/** "1 block, 3 warnings", "nothing found". */
export function findingsText(findings: readonly Finding[]): string {
  const count = (action: Finding['action']) => findings.filter((one) => one.action === action).length
  const parts = [
    [count('block'), 'block', 'blocks'],
    [count('warn'), 'warning', 'warnings'],
    [count('waived'), 'waived', 'waived'],
  ] as const
  const said = parts.filter(([many]) => many > 0).map(([many, one, more]) => plural(many, one, more))
  return said.length === 0 ? 'nothing found' : said.join(', ')
}

/** "pickle · pickle-global · byte 1,024", and what the owner's policy made of it. */
export function findingSource(finding: Finding): string {
  return [
    finding.scanner,
    finding.rule,
    finding.offset === null ? undefined : `byte ${formatInteger(finding.offset)}`,
    policyText(finding),
  ]
    .filter((part) => part !== undefined)
    .join(' · ')
}

/** The message where the path stands before it already: "config.json asks for …" → "asks for …". */
export const withoutPath = ({ path, message }: Finding): string =>
  message.startsWith(path) ? message.slice(path.length).replace(/^\s*:?\s*/, '') : message

function policyText({ action, severity, waiver }: Finding): string | undefined {
  if (action === 'waived') return waiver ? `let through by ${waiver}` : 'let through'
  return action === severity ? undefined : `${severity} as found, ${action} by policy`
}

export const canBeWaived = ({ action }: Pick<Finding, 'action'>): boolean => action === 'block' || action === 'warn'

/** What each scanner looked at: "whole" where it read every byte. */
export function fileCoverage(file: ModelDetail['files'][number]): { scanner: string; text: string; whole: boolean }[] {
  return file.scanned.map(({ scanner, bytes_covered }) => {
    const whole = bytes_covered >= file.bytes
    return { scanner, whole, text: whole ? 'whole' : shareText(bytes_covered, file.bytes) }
  })
}

const shareText = (part: number, all: number): string =>
  part === 0 ? 'not looked at' : `${formatShare(Math.min(0.999, part / all))}, ${formatBytes(part)}`
