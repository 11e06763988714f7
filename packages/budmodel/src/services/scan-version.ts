/** Looks at every file's structure and joins it with what the stream scanners saw as the bytes passed. */
import {
  type FileCoverage,
  finding,
  type ReportedFinding,
  type ScanFacts,
  type ScannedFile,
  sortFindings,
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
  /** The manifest's digests, when the files should still be those. */
  expected?: ReadonlyMap<string, string>
  onFile(file: { bytes: number }): Promise<void>
}

export async function scanVersion(context: Context, ref: VersionRef, request: ScanRequest): Promise<ScanFacts> {
  const files: ScannedFile[] = []
  const findings: ReportedFinding[] = [...(request.kept ?? []), ...refusals(request.refused ?? [])]
  for (const passed of request.passed) {
    const { path, bytes, sha256 } = passed
    const looked = await look(context, ref, passed)
    findings.push(...passed.findings, ...looked.findings, ...changed(passed, request.expected?.get(path)))
    files.push({ path, format: looked.format, bytes, sha256, scanned: [...passed.scanned, ...looked.scanned] })
    await request.onFile(passed)
  }
  return {
    started_at: request.startedAt,
    ended_at: nowOf(context),
    scanners: await scannersOf(context),
    files,
    findings: sortFindings(findings),
  }
}

/** Who looks, by which rules. One that does not answer is named all the same, without a version. */
export async function scannersOf({
  streamScanners,
  scanners,
}: Pick<Context, 'streamScanners' | 'scanners'>): Promise<{ name: string; version: string }[]> {
  const streams = streamScanners.map(async (scanner) => ({
    name: scanner.name,
    version: await scanner.version().catch(() => 'unavailable'),
  }))
  return [...(await Promise.all(streams)), ...scanners.map(({ name, version }) => ({ name, version }))]
}

async function look(context: Context, ref: VersionRef, file: PassedFile) {
  const stored = rangedFileOf(context.store, fileKey(ref.model_id, ref.version_id, file.path), file)
  const scanned: FileCoverage[] = []
  const findings: ReportedFinding[] = []
  let format = ''
  for (const scanner of context.scanners) {
    const scan = await scanner.scan(stored).catch((error) => failedScan(scanner, file.path, error))
    scanned.push({ scanner: scanner.name, bytes_covered: scan.bytes_covered })
    format ||= scan.format
    findings.push(...scan.findings.map((entry) => ({ ...entry, path: file.path, scanner: scanner.name })))
  }
  return { format, scanned, findings }
}

const refusals = (refused: SourceListing['refused']): ReportedFinding[] =>
  refused.map(({ path, rule, message }) => ({ ...finding('block', rule, message), path, scanner: 'import' }))

function changed({ path, sha256 }: PassedFile, expected: string | undefined): ReportedFinding[] {
  if (expected === undefined || expected === sha256) return []
  const message = `${path} is not the file that was imported: its sha256 has changed.`
  const found = finding('block', 'changed-in-store', message, { evidence: `${expected} → ${sha256}` })
  return [{ ...found, path, scanner: 'manifest' }]
}
