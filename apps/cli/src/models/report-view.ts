/** A scan report for people: findings by what they lead to, and how much each scanner looked at. */
import type { ModelFile, ScanReport } from '@bud/contract'
import { bytes, heading, table } from '../output.ts'

type Shown = Pick<ScanReport, 'verdict' | 'scanners' | 'policy' | 'file_count' | 'bytes' | 'bytes_covered' | 'findings'>
export type Looked = Pick<ModelFile, 'path' | 'bytes' | 'scanned'>

const TITLES = { block: 'Blocked', warn: 'Warnings', waived: 'Waived', info: 'Remarks' } as const

export function describeReport(title: string, report: Shown, files: readonly Looked[]): string {
  const { verdict, file_count, bytes: total, bytes_covered, policy } = report
  const lines = [
    heading(`${title}: ${verdict}`),
    `${file_count} ${file_count === 1 ? 'file' : 'files'}, ${bytes(total)}; ${share(bytes_covered, total)} looked at by every scanner; policy ${policy}.`,
    '',
    coverage(report, files),
  ]
  for (const action of ['block', 'warn', 'waived', 'info'] as const) {
    const findings = report.findings.filter((finding) => finding.action === action)
    if (findings.length > 0)
      lines.push('', heading(`${TITLES[action]} (${findings.length})`), ...findings.map(describe))
  }
  const unseen = files.filter(isUnseen)
  if (unseen.length > 0) {
    lines.push('', heading(`Not looked at completely (${unseen.length})`))
    lines.push(...unseen.slice(0, MAX_UNSEEN).map(({ path, bytes: size }) => `  • ${path}, ${bytes(size)}`))
    if (unseen.length > MAX_UNSEEN) lines.push(`  … ${unseen.length - MAX_UNSEEN} more with --json.`)
  }
  return lines.join('\n')
}

const MAX_UNSEEN = 20

const isUnseen = ({ bytes: size, scanned }: Looked): boolean =>
  scanned.length === 0 || scanned.some(({ bytes_covered }) => bytes_covered < size)

/** 99.99 % is not all. */
function share(covered: number, total: number): string {
  if (covered >= total) return 'all'
  return `${Math.min(99.9, Math.floor((covered / total) * 1000) / 10)} %`
}

const coverage = ({ scanners, bytes: total }: Shown, files: readonly Looked[]): string =>
  table(
    ['SCANNER', 'RULES', 'LOOKED AT'],
    scanners.map(({ name, version }) => {
      const covered = files.reduce((sum, file) => sum + coveredBy(file, name), 0)
      return [name, version, covered >= total ? 'all' : `${share(covered, total)} (${bytes(covered)})`]
    }),
  )

const coveredBy = ({ bytes: size, scanned }: Looked, name: string): number =>
  Math.min(size, scanned.find(({ scanner }) => scanner === name)?.bytes_covered ?? 0)

function describe({
  path,
  rule,
  scanner,
  message,
  offset,
  evidence,
  severity,
  action,
  waiver,
}: ScanReport['findings'][number]): string {
  const judged = action === severity || action === 'waived' ? '' : `, ${severity} as the scanner has it`
  const where = offset === null ? '' : ` at byte ${offset}`
  const more = [
    evidence === null ? undefined : `    evidence: ${evidence}`,
    waiver === null ? undefined : `    waived by: ${waiver}`,
  ].filter((line) => line !== undefined)
  return [`  • ${path}${where}: ${message} [${scanner}/${rule}${judged}]`, ...more].join('\n')
}
