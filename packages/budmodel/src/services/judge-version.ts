/** What the policy makes of what scanners said: kept with the version, and judged anew when either changes. */
import { type ModelVersionStateName, messageOf, type Reason } from '@bud/kernel'
import { and, asc, eq, inArray, isNotNull, isNull, ne, or } from '@bud/platform/drizzle'
import { judgeReport } from '../domain/policy/judge-report.ts'
import type { ModelPolicy } from '../domain/policy/model-policy.ts'
import { reasonsOfReport } from '../domain/scan/reasons-of-report.ts'
import {
  coveredBytes,
  finding,
  type JudgedFinding,
  type ScanFacts,
  type ScanReport,
  type Verdict,
} from '../domain/scan/scan-report.ts'
import { type Context, nowOf } from './context.ts'
import { currentPolicy, judgeKey, todayOf } from './current-policy.ts'
import { readScanFacts, saveReport } from './scan-rows.ts'
import { models, versions } from './tables.ts'
import { type Registered, refreshShown } from './version-rows.ts'

const STATE_OF: Record<Verdict, ModelVersionStateName> = {
  clean: 'available',
  blocked: 'quarantined',
  incomplete: 'scan-incomplete',
}
const JUDGED_STATES = ['available', 'quarantined', 'scan-incomplete'] as const

export interface Judged {
  report: ScanReport
  state: ModelVersionStateName
  reasons: Reason[]
  /** The policy and the day it was judged by. */
  judged_by: string
}

/** Says what facts mean, by the policy and the day of now. */
export interface Judge {
  readonly key: string
  judge(modelName: string, facts: ScanFacts): Judged
}

/** A policy that cannot be read lets nothing through. */
export async function judgeOfNow(context: Pick<Context, 'policyFile' | 'clock'>): Promise<Judge> {
  const today = todayOf(context)
  try {
    const { policy, digest } = await currentPolicy(context)
    const key = judgeKey(digest, today)
    return { key, judge: (model, facts) => judgeBy(policy, facts, { model, today, digest, key }) }
  } catch (error) {
    const message = `${context.policyFile.described} cannot be used, so nothing is let through: ${messageOf(error)}`
    const key = judgeKey('', today)
    return { key, judge: (_model, facts) => letNothingThrough(facts, message, key) }
  }
}

function judgeBy(
  policy: ModelPolicy,
  facts: ScanFacts,
  { model, today, digest, key }: { model: string; today: string; digest: string; key: string },
): Judged {
  return conclude(facts, { ...judgeReport(facts, policy, { model, today }), policy: digest }, key)
}

function letNothingThrough(facts: ScanFacts, message: string, key: string): Judged {
  const unread = { ...finding('warn', 'policy-unreadable', message), path: 'policy', scanner: 'policy' }
  const findings: JudgedFinding[] = [unread, ...facts.findings].map((found) => ({
    ...found,
    action: found.severity,
    waiver: null,
  }))
  return conclude(facts, { verdict: 'incomplete', findings, policy: '', incomplete: [] }, key)
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

/** What the stored scan says by the policy of now; incomplete where there is none that counts. */
export async function judgedState(
  context: Context,
  { model, version }: Registered,
): Promise<{ state: ModelVersionStateName; reasons: Reason[] }> {
  const { judge } = await judgeOfNow(context)
  const facts = await readScanFacts(context.database.query, version.id)
  if (!facts) return { state: 'scan-incomplete', reasons: [NO_SCAN] }
  const { state, reasons } = judge(model.name, facts)
  return { state, reasons }
}

const NO_SCAN: Reason = {
  code: 'not-scanned',
  message: 'There is no scan of it that counts.',
  next_step: 'Scan it again.',
}

/** After a change of the policy, and once a day: every stored scan judged anew, without reading a file. */
export async function judgeAnew(context: Context): Promise<number> {
  const judge = await judgeOfNow(context)
  const stale = await context.database.query
    .select({ id: versions.id })
    .from(versions)
    .where(
      and(
        inArray(versions.state, [...JUDGED_STATES]),
        isNotNull(versions.scanned_by),
        or(isNull(versions.judged_by), ne(versions.judged_by, judge.key)),
      ),
    )
    .orderBy(asc(versions.id))
  let changed = 0
  for (const { id } of stale) if (await judgeOneAnew(context, judge, id)) changed++
  return changed
}

/** Before anything is deployed or handed out: by the policy of now, whenever the schedule comes round. */
export async function judgedNow(context: Context, registered: Registered): Promise<Registered> {
  const { version } = registered
  const isJudged = JUDGED_STATES.some((state) => state === version.state) && version.scanned_by !== null
  if (!isJudged) return registered
  const judge = await judgeOfNow(context)
  if (version.judged_by === judge.key) return registered
  await judgeOneAnew(context, judge, version.id)
  const [now] = await context.database.query.select().from(versions).where(eq(versions.id, version.id))
  return now ? { ...registered, version: now } : registered
}

/** Locked against scans that end meanwhile: facts and verdict belong together. True when its state is another now. */
async function judgeOneAnew(context: Context, { key, judge }: Judge, versionId: string): Promise<boolean> {
  const changed = await context.database.transact(async (tx) => {
    const [version] = await tx.select().from(versions).where(eq(versions.id, versionId)).for('update')
    if (!version || !JUDGED_STATES.some((state) => state === version.state) || version.judged_by === key)
      return undefined
    const [model] = await tx.select().from(models).where(eq(models.id, version.model_id))
    const facts = await readScanFacts(tx, versionId)
    if (!model || !facts) return undefined
    const judged = judge(model.name, facts)
    const differs = judged.state !== version.state
    const since = differs ? nowOf(context) : version.state_since
    await tx
      .update(versions)
      .set({ state: judged.state, state_since: since, state_reasons: judged.reasons })
      .where(eq(versions.id, versionId))
    await saveReport(tx, { model, version }, judged)
    if (differs) await refreshShown(tx, model.id)
    return differs ? model : undefined
  })
  if (changed) context.events.publish({ project_id: changed.project_id, type: 'model.changed', id: changed.id })
  return changed !== undefined
}
