/** Looks at every file's structure and joins it with what the stream scanners saw as the bytes passed. */
import { boundedFindings } from '../domain/scan/bounded-findings.ts'
import {
  type FileCoverage,
  finding,
  type ReportedFinding,
  type ScanFacts,
  type ScannedFile,
} from '../domain/scan/scan-report.ts'
import { fileKey, versionPrefix } from '../domain/store-keys.ts'
import type { SourceListing, StoredObject } from '../ports.ts'
import { type Context, nowOf, type VersionRef } from './context.ts'
import { inParallel } from './in-parallel.ts'
import { failedScan, type PassedFile } from './read-through.ts'
import { rangedFileOf } from './stored-file.ts'

export interface ScannerVersion {
  name: string
  version: string
}

export interface ScanRequest {
  startedAt: string
  scanners: readonly ScannerVersion[]
  passed: readonly PassedFile[]
  /** What the source held and was not taken. */
  refused?: SourceListing['refused']
  /** Findings of earlier looks that this one cannot repeat. */
  kept?: readonly ReportedFinding[]
  /** The manifest's digests, when the files should still be those. */
  expected?: ReadonlyMap<string, string>
  onFile(file: { bytes: number }): Promise<void>
}

export async function scanVersion(context: Context, ref: VersionRef, request: ScanRequest): Promise<ScanFacts> {
  const files: ScannedFile[] = []
  const findings: ReportedFinding[] = [...(request.kept ?? []), ...refusals(request.refused ?? [])]
  const before = await objectsOf(context, ref)
  const looks = await inParallel(request.passed, async (passed) => {
    const looked = await look(context, ref, passed)
    await request.onFile(passed)
    return { passed, looked }
  })
  const after = await objectsOf(context, ref)
  for (const { passed, looked } of looks) {
    const { path, bytes, sha256 } = passed
    const all = [
      ...passed.findings,
      ...looked.findings,
      ...changed(passed, request.expected?.get(path)),
      ...exchanged(passed, before.get(path), after.get(path)),
    ]
    for (const one of all) findings.push(one)
    files.push({ path, format: looked.format, bytes, sha256, scanned: [...passed.scanned, ...looked.scanned] })
  }
  return {
    started_at: request.startedAt,
    ended_at: nowOf(context),
    scanners: [...request.scanners],
    files,
    findings: boundedFindings(findings),
  }
}

/** Who looks, by which rules. One that does not answer is named all the same, without a version. */
export async function scannersOf({
  streamScanners,
  scanners,
}: Pick<Context, 'streamScanners' | 'scanners'>): Promise<ScannerVersion[]> {
  const streams = streamScanners.map(async (scanner) => ({
    name: scanner.name,
    version: await scanner.version().catch(() => 'unavailable'),
  }))
  return [...(await Promise.all(streams)), ...scanners.map(({ name, version }) => ({ name, version }))]
}

async function look(context: Context, ref: VersionRef, file: PassedFile) {
  const key = fileKey(ref.model_id, ref.version_id, file.path)
  const stored = rangedFileOf(context.store, key, file)
  const scanned: FileCoverage[] = []
  const findings: ReportedFinding[] = []
  let format = ''
  for (const scanner of context.scanners) {
    const scan = await scanner.scan(stored).catch((error) => failedScan(scanner, file.path, error))
    scanned.push({ scanner: scanner.name, bytes_covered: scan.bytes_covered })
    format ||= scan.format
    for (const entry of scan.findings) findings.push({ ...entry, path: file.path, scanner: scanner.name })
  }
  return { format, scanned, findings }
}

/** How each stored file is now, by two listings for a whole version instead of questions for each file. */
async function objectsOf({ store }: Context, ref: VersionRef): Promise<Map<string, StoredObject>> {
  const prefix = versionPrefix(ref.model_id, ref.version_id)
  const objects = new Map<string, StoredObject>()
  for await (const object of store.list(prefix)) objects.set(object.key.slice(prefix.length + 1), object)
  return objects
}

/**
 * The bytes that were digested have to be those that were looked at: somebody may write into the store in between, and
 * put back what was there.
 */
function exchanged(
  { path, etag }: PassedFile,
  before: StoredObject | undefined,
  after: StoredObject | undefined,
): ReportedFinding[] {
  const same = before?.etag === etag && after?.etag === etag && before.changed_ms === after.changed_ms
  return same ? [] : [changedInStore(path, 'It was written while it was scanned.')]
}

const refusals = (refused: SourceListing['refused']): ReportedFinding[] =>
  refused.map(({ path, rule, message }) => ({ ...finding('block', rule, message), path, scanner: 'import' }))

const changed = ({ path, sha256 }: PassedFile, expected: string | undefined): ReportedFinding[] =>
  expected === undefined || expected === sha256 ? [] : [changedInStore(path, `sha256 ${expected} → ${sha256}`)]

const changedInStore = (path: string, evidence: string): ReportedFinding => ({
  ...finding('block', 'changed-in-store', `${path} is not the file that was imported.`, { evidence }),
  path,
  scanner: 'manifest',
})
