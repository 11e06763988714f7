/** Why a version is not available, for its state: each blocking finding, or each file that was not fully read. */
import type { Reason } from '@bud/kernel'
import { coveredBytes, type ScannedFile, type ScanReport } from './scan-report.ts'

const MAX_REASONS = 20

export function reasonsOfReport(
  { verdict, findings }: Pick<ScanReport, 'verdict' | 'findings'>,
  /** Those that are not fully looked at, and no waiver accepts that. */
  unread: readonly ScannedFile[],
): Reason[] {
  if (verdict === 'clean') return []
  if (verdict === 'blocked') {
    const blocking = findings.filter(({ action }) => action === 'block')
    return blocking.slice(0, MAX_REASONS).map(({ rule, message, path, evidence }) => ({
      code: rule,
      message,
      path,
      ...(evidence === null ? {} : { evidence }),
      next_step: 'Replace or leave out the file and add a version; or, where it was reviewed, waive the finding.',
    }))
  }
  const ofPolicy = findings.filter(({ scanner, action }) => scanner === 'policy' && action !== 'info')
  const reasons = ofPolicy.map(({ rule, message }): Reason => ({ code: rule, message }))
  return [...reasons, ...unread.map((file) => notScanned(file, findings))].slice(0, MAX_REASONS)
}

function notScanned(file: ScannedFile, findings: ScanReport['findings']): Reason {
  const why = findings.find(({ path, severity }) => path === file.path && severity === 'warn')
  return {
    code: 'not-fully-scanned',
    message: why?.message ?? `${file.path} was not read completely.`,
    path: file.path,
    evidence: `${coveredBytes(file)} of ${file.bytes} bytes covered`,
    next_step: 'Scan again once every scanner answers; or repair or leave out the file and add a version.',
  }
}
