/** Reads every stored file again, by the rules as they are now: when asked to, and when rules or signatures are newer. */
import type { Principal } from '@bud/access'
import { conflict, createId, messageOf } from '@bud/kernel'
import { and, asc, eq, inArray } from '@bud/platform/drizzle'
import type { AcceptedModel } from './accept-version.ts'
import { type Context, nameOf } from './context.ts'
import { requireRegistered } from './find-reference.ts'
import { type ModelFlow, startFlow } from './flow-starts.ts'
import { RESCAN_STEPS } from './operation-steps.ts'
import { isStale } from './scan-rows.ts'
import { scannersOf } from './scan-version.ts'
import { models, versions } from './tables.ts'
import { moveState, type Registered, refOf } from './version-rows.ts'

const SCANNED = ['available', 'quarantined', 'scan-incomplete'] as const
/** Rescans that go on at once: they read whole models. */
const MAX_RESCANS = 2
const THE_SCHEDULE = 'newer scan rules'

export async function rescanModel(
  context: Context,
  flow: ModelFlow,
  principal: Principal,
  reference: string,
): Promise<AcceptedModel> {
  const registered = await requireRegistered(context, principal.project_id, reference, (name) =>
    conflict(`"${name}" is a catalogue entry: it has no files that could be scanned.`),
  )
  const operation_id = await begin(context, flow, registered, nameOf(principal))
  if (operation_id !== undefined) return { id: registered.model.id, operation_id }
  const { model, version } = registered
  const doing = version.rescanning ? 'being scanned' : version.state
  throw conflict(`"${model.name}" cannot be scanned now: it is ${doing} (operation ${version.operation_id}).`)
}

/**
 * Starts scans of versions that older rules looked at, a few at a time. None while a scanner does not answer: its
 * silence would make sound versions incomplete.
 */
export async function rescanStale(context: Context, flow: ModelFlow): Promise<number> {
  const scanners = await scannersOf(context)
  const silent = scanners.find(({ version }) => version === 'unavailable')
  if (silent) {
    context.log.warn({ scanner: silent.name }, `No version is scanned again: ${silent.name} does not answer.`)
    return 0
  }
  const { query } = context.database
  const running = await query.select({ id: versions.id }).from(versions).where(eq(versions.rescanning, true))
  const scanned = await query
    .select({ model: models, version: versions })
    .from(versions)
    .innerJoin(models, eq(versions.model_id, models.id))
    .where(and(inArray(versions.state, [...SCANNED]), eq(versions.rescanning, false)))
    // Operations are numbered by time: what was tried last comes last, so that one that always fails holds nobody up.
    .orderBy(asc(versions.operation_id))
  const stale = scanned
    .filter(({ version }) => isStale(version.scanned_by, scanners))
    .slice(0, Math.max(0, MAX_RESCANS - running.length))
  for (const registered of stale) {
    await begin(context, flow, registered, THE_SCHEDULE).catch((err: unknown) =>
      context.log.warn({ err }, `${registered.version.id} could not be scanned again: ${messageOf(err)}`),
    )
  }
  return stale.length
}

/** Undefined when the version cannot be scanned now. */
async function begin(
  context: Context,
  flow: ModelFlow,
  registered: Registered,
  created_by: string,
): Promise<string | undefined> {
  const { model } = registered
  const ref = refOf(registered)
  const operation_id = createId('op', context.clock.nowMs())
  const moved = await context.database.transact(async (tx) => {
    if (!(await moveState(tx, ref, SCANNED, { rescanning: true, operation_id }))) return false
    const subject = { project_id: model.project_id, kind: 'rescan-model', subject_id: model.id, created_by }
    await context.operations.create({ id: operation_id, ...subject, steps: RESCAN_STEPS }, tx)
    return true
  })
  if (!moved) return undefined
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
  await startFlow(context, flow, operation_id, ref)
  return operation_id
}
