/** Looks at every file's structure, joins it with what the stream scanners saw, and gives the verdict. */
import type { Reason } from '@bud/kernel'
import {
  finding,
  type ReportedFinding,
  type ScannedFile,
  type ScanReport,
  sortFindings,
  verdictOf,
} from '../domain/scan/scan-report.ts'
import { fileKey } from '../domain/store-keys.ts'
import type { SourceListing } from '../ports.ts'
import { type Context, nowOf, type VersionRef } from './context.ts'
import { failedScan, type PassedFile } from './read-through.ts'
import { rangedFileOf } from './stored-file.ts'

export interface ScanRequest {
  startedAt: string
  passed: readonly PassedFile[]
  /** What the source held and was not taken. */
  refused?: SourceListing['refused']
  /** Findings of the import that no later look can repeat. */
  kept?: readonly ReportedFinding[]
  /** The manifest, where stored files are read again and must still be the same. */
  expected?: ReadonlyMap<string, string>
  onFile: (file: PassedFile) => Promise<void>
}

export async function scanVersion(context: Context, ref: VersionRef, request: ScanRequest): Promise<ScanReport> {
  const scanners = [...context.streamScanners, ...context.scanners].map(({ name, version }) => ({ name, version }))
  const files: ScannedFile[] = []
  const findings: ReportedFinding[] = [
    ...(request.kept ?? []),
    ...(request.refused ?? []).map(({ path, rule, message }) => ({
      ...finding('block', rule, message),
      path,
      scanner: 'import',
    })),
  ]
  for (const file of request.passed) {
    const { path, bytes, sha256 } = file
    const stored = rangedFileOf(context.store, fileKey(ref.model_id, ref.version_id, path), file)
    let covered = scanners.length === 0 ? 0 : file.bytes_watched
    let format = ''
    findings.push(...file.findings)
    for (const scanner of context.scanners) {
      const scan = await scanner.scan(stored).catch((error) => failedScan(scanner, path, error))
      covered = Math.min(covered, scan.bytes_covered)
      format ||= scan.format
      findings.push(...scan.findings.map((entry) => ({ ...entry, path, scanner: scanner.name })))
    }
    const expected = request.expected?.get(path)
    if (expected !== undefined && expected !== sha256) {
      const message = `${path} is not the file that was imported: its sha256 has changed.`
      findings.push({
        ...finding('block', 'changed-in-store', message, { evidence: `${expected} → ${sha256}` }),
        path,
        scanner: 'manifest',
      })
    }
    files.push({ path, format, bytes, bytes_covered: covered })
    await request.onFile(file)
  }
  return {
    verdict: verdictOf(files, findings),
    started_at: request.startedAt,
    ended_at: nowOf(context),
    scanners,
    files,
    findings: sortFindings(findings),
  }
}

const MAX_REASONS = 20

/** Why a version is not available, for its state: each blocking finding, or each file that was not fully read. */
export function reasonsOfReport({ verdict, findings, files }: ScanReport): Reason[] {
  if (verdict === 'clean') return []
  if (verdict === 'blocked') {
    const blocking = findings.filter(({ severity }) => severity === 'block')
    return blocking.slice(0, MAX_REASONS).map(({ rule, message, path, evidence }) => ({
      code: rule,
      message,
      path,
      ...(evidence === null ? {} : { evidence }),
      next_step: 'Replace or leave out the file, delete this model and register it again.',
    }))
  }
  const uncovered = files.filter((file) => file.bytes_covered < file.bytes)
  return uncovered.slice(0, MAX_REASONS).map(({ path, bytes, bytes_covered }) => ({
    code: 'not-fully-scanned',
    message:
      findings.find((entry) => entry.path === path && entry.severity === 'warn')?.message ??
      `${path} was not read completely.`,
    path,
    evidence: `${bytes_covered} of ${bytes} bytes covered`,
    next_step: 'Repair or leave out the file, delete this model and register it again.',
  }))
}
