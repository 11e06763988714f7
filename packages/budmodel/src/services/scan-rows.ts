/** Scans as rows: the report with its version, each file's part of it with the file. */
import type { Queryable } from '@bud/platform'
import { asc, eq, sql } from '@bud/platform/drizzle'
import type { ReportedFinding, ScanFacts, ScannedFile, ScanReport } from '../domain/scan/scan-report.ts'
import { files, scans, versions } from './tables.ts'
import type { Registered } from './version-rows.ts'

const ROWS_AT_ONCE = 5000

interface JudgedReport {
  report: ScanReport
  judged_by: string
}

/** In one transaction: what the scanners said, and what it means. */
export async function saveScan(
  tx: Queryable,
  registered: Registered,
  facts: ScanFacts,
  judged: JudgedReport,
): Promise<void> {
  const { version } = registered
  await saveReport(tx, registered, judged)
  await tx
    .update(versions)
    .set({ scanned_by: scannerKey(facts.scanners) })
    .where(eq(versions.id, version.id))
  const rows = facts.files.map(({ path, format, scanned }) => ({ path, format, scanned }))
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const part = JSON.stringify(rows.slice(at, at + ROWS_AT_ONCE))
    await tx.execute(sql`update ${files} set "format" = part."format", "scanned" = part."scanned"
      from jsonb_to_recordset(${part}::jsonb) as part("path" text, "format" text, "scanned" jsonb)
      where ${files.version_id} = ${version.id} and ${files.path} = part."path"`)
  }
}

export async function saveReport(
  tx: Queryable,
  { model, version }: Registered,
  { report, judged_by }: JudgedReport,
): Promise<void> {
  await tx
    .insert(scans)
    .values({ version_id: version.id, project_id: model.project_id, report })
    .onConflictDoUpdate({ target: scans.version_id, set: { report } })
  await tx.update(versions).set({ judged_by }).where(eq(versions.id, version.id))
}

/** Undefined when there is no scan, or one that a later failure has made void. */
export async function readScanFacts(query: Queryable, versionId: string): Promise<ScanFacts | undefined> {
  const [kept] = await query
    .select({ report: scans.report, scanned_by: versions.scanned_by })
    .from(scans)
    .innerJoin(versions, eq(versions.id, scans.version_id))
    .where(eq(scans.version_id, versionId))
  if (!kept || kept.scanned_by === null) return undefined
  const { started_at, ended_at, scanners, findings } = kept.report
  const rows = await query.select().from(files).where(eq(files.version_id, versionId)).orderBy(asc(files.path))
  const scanned = rows.map(({ path, format, bytes, sha256, scanned: looked }): ScannedFile => {
    return { path, format: format ?? '', bytes, sha256, scanned: looked }
  })
  // What the policy itself found is found again.
  const ofScanners = findings.filter(({ scanner }) => scanner !== 'policy')
  return { started_at, ended_at, scanners, files: scanned, findings: ofScanners }
}

/**
 * What a later look by `scanners` cannot find again: what the import refused to take, and what scanners found that are
 * not among them now. Somebody who is absent takes nothing back.
 */
export async function keptFindings(
  query: Queryable,
  versionId: string,
  scanners: readonly { name: string }[],
): Promise<ReportedFinding[]> {
  const [kept] = await query.select().from(scans).where(eq(scans.version_id, versionId))
  const present = new Set(['policy', 'manifest', ...scanners.map(({ name }) => name)])
  return kept?.report.findings.filter(({ scanner }) => !present.has(scanner)) ?? []
}

const SEPARATOR = '; '
const keyOf = ({ name, version }: { name: string; version: string }): string => `${name} ${version}`

const scannerKey = (scanners: readonly { name: string; version: string }[]): string =>
  scanners.map(keyOf).toSorted().join(SEPARATOR)

/** Some scanner of now has not looked, or not by its rules of now. One that is absent now is no reason to look again. */
export function isStale(scannedBy: string | null, scanners: readonly { name: string; version: string }[]): boolean {
  const looked = new Set((scannedBy ?? '').split(SEPARATOR))
  return scanners.some((scanner) => !looked.has(keyOf(scanner)))
}
