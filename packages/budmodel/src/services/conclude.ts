/** How an import or a scan ends: what it means for the version, its files and its operation. */
import { type ModelVersionStateName, type Reason, reasonsOf } from '@bud/kernel'
import { eq } from '@bud/platform/drizzle'
import type { ScanFacts } from '../domain/scan/scan-report.ts'
import { versionPrefix } from '../domain/store-keys.ts'
import type { Context, VersionRef } from './context.ts'
import { judgedState, judgeOfNow } from './judge-version.ts'
import { saveScan } from './scan-rows.ts'
import { versions } from './tables.ts'
import { findVersion, requireVersion, setState } from './version-rows.ts'

const START_OVER = 'Delete this version and add it again.'

/** Judges what the scanners said, keeps both, and shows the verdict on the operation's step "scan". */
export async function recordScan(
  context: Context,
  operationId: string,
  ref: VersionRef,
  facts: ScanFacts,
): Promise<void> {
  const registered = await requireVersion(context, ref)
  const judged = (await judgeOfNow(context)).judge(registered.model.name, facts)
  await context.database.transact(async (tx) => {
    await saveScan(tx, registered, facts, judged)
  })
  const { verdict, file_count, findings } = judged.report
  const found = findings.filter(({ action }) => action !== 'info').length
  await context.operations.updateStep(operationId, 'scan', {
    state: verdict === 'clean' ? 'succeeded' : 'failed',
    message: `${verdict}: ${file_count} files looked at, ${found} ${found === 1 ? 'finding' : 'findings'}.`,
  })
}

/** Available only after a clean report: the operation of any other has failed, with the reasons. */
export async function concludeScan(
  context: Context,
  operationId: string,
  ref: VersionRef,
): Promise<ModelVersionStateName> {
  const { state, reasons } = await judgedState(context, await requireVersion(context, ref))
  await context.operations.updateStep(operationId, 'finish', { state: 'succeeded', message: `The model is ${state}.` })
  await setState(context, ref, state, reasons)
  await context.operations.finish(operationId, state === 'available' ? 'succeeded' : 'failed', reasons)
  return state
}

/**
 * A failed import ends whatever becomes of its files. They are removed as far as that goes at once; the sweep removes
 * the rest.
 */
export async function concludeFailedImport(
  context: Context,
  operationId: string,
  ref: VersionRef,
  error: unknown,
): Promise<void> {
  const reasons = reasonsOf(error, START_OVER)
  await setStateWhenThere(context, ref, 'failed', reasons)
  await context.operations.finish(operationId, 'failed', reasons)
  await context.store.deletePrefix(versionPrefix(ref.model_id, ref.version_id)).catch(() => {})
}

/** A scan that could not be carried out says nothing: the files stay, the version is not available. */
export async function concludeFailedScan(
  context: Context,
  operationId: string,
  ref: VersionRef,
  error: unknown,
): Promise<void> {
  const reasons = reasonsOf(error, START_OVER).map((reason) => ({ next_step: 'Scan again.', ...reason }))
  // What an earlier scan said no longer counts, whatever the policy.
  await context.database.query.update(versions).set({ scanned_by: null }).where(eq(versions.id, ref.version_id))
  await setStateWhenThere(context, ref, 'scan-incomplete', reasons)
  await context.operations.finish(operationId, 'failed', reasons)
}

/** A version that was deleted meanwhile has no state; its operation ends all the same. */
async function setStateWhenThere(context: Context, ref: VersionRef, state: ModelVersionStateName, reasons: Reason[]) {
  if (await findVersion(context.database.query, ref.version_id)) await setState(context, ref, state, reasons)
}
