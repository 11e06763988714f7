/** What the policy makes of what scanners said: kept with the version, and judged anew when either changes. */
import { type ModelVersionStateName, messageOf, type Reason } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, asc, eq, inArray, isNotNull, isNull, ne, or, sql } from '@bud/platform/drizzle'
import { judgeReport } from '../domain/policy/judge-report.ts'
import { reasonsOfReport } from '../domain/scan/reasons-of-report.ts'
import {
  coveredBytes,
  finding,
  type JudgedFinding,
  type ReportedFinding,
  type ScanFacts,
  type ScannedFile,
  type ScanReport,
  type Verdict,
} from '../domain/scan/scan-report.ts'
import { type Context, nowOf } from './context.ts'
import { currentPolicy, judgeKey, todayOf } from './current-policy.ts'
import { files, models, scans, versions } from './tables.ts'
import { moveState, type Registered, refOf } from './version-rows.ts'

const STATE_OF: Record<Verdict, ModelVersionStateName> = {
  clean: 'available',
  blocked: 'quarantined',
  incomplete: 'scan-incomplete',
}

export interface Judged {
  report: ScanReport
  state: ModelVersionStateName
  reasons: Reason[]
  /** The policy and the day it was judged by. */
  judged_by: string
}

/** A policy that cannot be read lets nothing through. */
export async function judge(context: Context, modelName: string, facts: ScanFacts): Promise<Judged> {
  const today = todayOf(context)
  try {
    const { policy, digest } = await currentPolicy(context)
    const judged = judgeReport(facts, policy, { model: modelName, today })
    return conclude(facts, { ...judged, policy: digest }, judgeKey(digest, today))
  } catch (error) {
    const message = `${context.policyFile.described} cannot be used, so nothing is let through: ${messageOf(error)}`
    const unread = { ...finding('warn', 'policy-unreadable', message), path: 'policy', scanner: 'policy' }
    const findings: JudgedFinding[] = [
      { ...unread, action: 'warn', waiver: null },
      ...facts.findings.map((found) => ({ ...found, action: found.severity, waiver: null })),
    ]
    return conclude(facts, { verdict: 'incomplete', findings, policy: '', incomplete: [] }, judgeKey('', today))
  }
}

function conclude(
  facts: ScanFacts,
  judged: { verdict: Verdict; findings: JudgedFinding[]; incomplete: string[]; policy: string },
  judged_by: string,
): Judged {
  const report: ScanReport = {
    verdict: judged.verdict,
    started_at: facts.started_at,
    ended_at: facts.ended_at,
    scanners: facts.scanners,
    policy: judged.policy,
    file_count: facts.files.length,
    bytes: facts.files.reduce((sum, { bytes }) => sum + bytes, 0),
    bytes_covered: facts.files.reduce((sum, file) => sum + Math.min(file.bytes, coveredBytes(file)), 0),
    findings: judged.findings,
  }
  const left = new Set(judged.incomplete)
  const unread = facts.files.filter(({ path }) => left.has(path))
  return { report, judged_by, state: STATE_OF[judged.verdict], reasons: reasonsOfReport(report, unread) }
}

/** The report and each file's part of it, in one transaction. */
export async function saveScan(tx: Queryable, { model, version }: Registered, facts: ScanFacts, judged: Judged) {
  await saveReport(tx, { model, version }, judged)
  await tx
    .update(versions)
    .set({ scanned_by: scannerKey(facts.scanners) })
    .where(eq(versions.id, version.id))
  const rows = facts.files.map(({ path, format, scanned }) => ({ path, format, scanned }))
  const BATCH = 5000
  for (let at = 0; at < rows.length; at += BATCH) {
    const part = JSON.stringify(rows.slice(at, at + BATCH))
    await tx.execute(sql`update ${files} set "format" = part."format", "scanned" = part."scanned"
      from jsonb_to_recordset(${part}::jsonb) as part("path" text, "format" text, "scanned" jsonb)
      where ${files.version_id} = ${version.id} and ${files.path} = part."path"`)
  }
}

async function saveReport(tx: Queryable, { model, version }: Registered, { report, judged_by }: Judged): Promise<void> {
  await tx
    .insert(scans)
    .values({ version_id: version.id, project_id: model.project_id, report })
    .onConflictDoUpdate({ target: scans.version_id, set: { report } })
  await tx.update(versions).set({ judged_by }).where(eq(versions.id, version.id))
}

export const scannerKey = (scanners: readonly { name: string; version: string }[]): string =>
  scanners
    .map(({ name, version }) => `${name} ${version}`)
    .toSorted()
    .join('; ')

/** What the stored scan says by the policy of now; incomplete where there is none. */
export async function judgedState(context: Context, registered: Registered) {
  const facts = await storedFacts(context.database.query, registered)
  if (!facts) return { state: 'scan-incomplete' as const, reasons: [] }
  const { state, reasons } = await judge(context, registered.model.name, facts)
  return { state, reasons }
}

/** After a change of the policy, and once a day: every stored scan judged anew, without reading a file. */
export async function judgeAnew(context: Context): Promise<number> {
  const { digest } = await currentPolicy(context)
  const key = judgeKey(digest, todayOf(context))
  const stale = await context.database.query
    .select({ model: models, version: versions })
    .from(versions)
    .innerJoin(models, eq(versions.model_id, models.id))
    .where(
      and(
        inArray(versions.state, ['available', 'quarantined', 'scan-incomplete']),
        eq(versions.rescanning, false),
        isNotNull(versions.scanned_by),
        or(isNull(versions.judged_by), ne(versions.judged_by, key)),
      ),
    )
    .orderBy(asc(versions.id))
  let changed = 0
  for (const registered of stale) if (await judgeOneAnew(context, registered)) changed++
  return changed
}

/** True when its state is another now. */
async function judgeOneAnew(context: Context, registered: Registered): Promise<boolean> {
  const { model, version } = registered
  const facts = await storedFacts(context.database.query, registered)
  if (!facts) return false
  const judged = await judge(context, model.name, facts)
  const differs = judged.state !== version.state
  await context.database.transact(async (tx) => {
    const to = { state: judged.state, state_since: differs ? nowOf(context) : version.state_since }
    const moved = await moveState(tx, refOf(registered), [version.state], { ...to, state_reasons: judged.reasons })
    if (moved) await saveReport(tx, registered, judged)
  })
  if (differs) context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
  return differs
}

async function storedFacts(query: Queryable, { version }: Registered): Promise<ScanFacts | undefined> {
  const [kept] = await query.select().from(scans).where(eq(scans.version_id, version.id))
  if (!kept || version.scanned_by === null) return undefined
  const { started_at, ended_at, scanners, findings } = kept.report
  const rows = await query.select().from(files).where(eq(files.version_id, version.id)).orderBy(asc(files.path))
  const scanned = rows.map(({ path, format, bytes, sha256, scanned }): ScannedFile => {
    return { path, format: format ?? '', bytes, sha256, scanned }
  })
  return { started_at, ended_at, scanners, files: scanned, findings: findings.filter(isOfScanner) }
}

/** What the import refused to take stays refused: no later look can find it again. */
export async function keptFindings(query: Queryable, versionId: string): Promise<ReportedFinding[]> {
  const [kept] = await query.select().from(scans).where(eq(scans.version_id, versionId))
  return kept?.report.findings.filter(({ scanner }) => scanner === 'import') ?? []
}

/** What the policy itself found is found again. */
const isOfScanner = ({ scanner }: { scanner: string }): boolean => scanner !== 'policy'
