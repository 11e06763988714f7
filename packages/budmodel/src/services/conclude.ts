/** How an import or a scan ends: what it means for the version, its files and its operation. */
import { type ModelVersionStateName, type Reason, reasonsOf } from '@bud/kernel'
import type { ScanReport, Verdict } from '../domain/scan/scan-report.ts'
import { versionPrefix } from '../domain/store-keys.ts'
import type { Context, VersionRef } from './context.ts'
import { reasonsOfReport } from './scan-version.ts'
import { requireVersion, saveScan, setState } from './version-rows.ts'

const START_OVER = 'Delete this model and register it again.'

const STATE_OF: Record<Verdict, ModelVersionStateName> = {
  clean: 'available',
  blocked: 'quarantined',
  incomplete: 'scan-incomplete',
}

/** Keeps the report and shows the verdict on the operation's step "scan". */
export async function recordScan(
  context: Context,
  operationId: string,
  ref: VersionRef,
  report: ScanReport,
): Promise<void> {
  await saveScan(context, ref, report)
  const found = report.findings.filter(({ severity }) => severity !== 'info').length
  await context.operations.updateStep(operationId, 'scan', {
    state: report.verdict === 'clean' ? 'succeeded' : 'failed',
    message: `${report.verdict}: ${report.files.length} files looked at, ${found} ${found === 1 ? 'finding' : 'findings'}.`,
  })
}

/** Available only after a clean report: the operation of any other has failed, with the reasons. */
export async function concludeScan(
  context: Context,
  operationId: string,
  ref: VersionRef,
): Promise<ModelVersionStateName> {
  const { version } = await requireVersion(context, ref)
  const reasons: Reason[] = version.scan ? reasonsOfReport(version.scan) : []
  const state = version.scan ? STATE_OF[version.scan.verdict] : 'scan-incomplete'
  await context.operations.updateStep(operationId, 'finish', { state: 'succeeded', message: `The model is ${state}.` })
  await setState(context, ref, state, reasons)
  await context.operations.finish(operationId, state === 'available' ? 'succeeded' : 'failed', reasons)
  return state
}

/**
 * A failed import ends whatever becomes of its files. They are removed as far as that goes at once; the model's
 * deletion removes the rest.
 */
export async function concludeFailedImport(
  context: Context,
  operationId: string,
  ref: VersionRef,
  error: unknown,
): Promise<void> {
  const reasons = reasonsOf(error, START_OVER)
  await setState(context, ref, 'failed', reasons)
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
  await setState(context, ref, 'scan-incomplete', reasons)
  await context.operations.finish(operationId, 'failed', reasons)
}
