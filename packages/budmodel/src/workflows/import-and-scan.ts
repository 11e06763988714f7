/**
 * Files from their source into the registry: find → import → read facts → scan → finish. Runs under its operation's id,
 * and the version's state is its lock: only a registration creates a version in `importing`.
 */
import { failed, type ModelVersionStateName } from '@bud/kernel'
import type { Flow, Run } from '@bud/platform'
import { missingFiles } from '../domain/facts/required-files.ts'
import { planBatches } from '../domain/import-batches.ts'
import { createManifest } from '../domain/manifest.ts'
import type { SourceFile, SourceListing } from '../ports.ts'
import { byteProgress, countText } from '../services/byte-progress.ts'
import { concludeFailedImport, concludeScan, recordScan } from '../services/conclude.ts'
import { type Context, nowOf, type VersionRef } from '../services/context.ts'
import { findPlace } from '../services/find-place.ts'
import { importBatch } from '../services/import-files.ts'
import type { PassedFile } from '../services/read-through.ts'
import { readVersionFacts } from '../services/read-version-facts.ts'
import { saveVersionFacts } from '../services/save-version-facts.ts'
import { type ScannerVersion, scannersOf, scanVersion } from '../services/scan-version.ts'
import { removeUpload, uploadIdOf } from '../services/uploads.ts'
import { requireVersion, savePinnedSource, setState } from '../services/version-rows.ts'

interface Plan extends SourceListing {
  started_at: string
  /** The place as it was found: it is found again after a restart. */
  pinned: string
  /** Asked before the first byte is read: rules that change meanwhile are newer than this scan. */
  scanners: ScannerVersion[]
}

export function createImportAndScan(context: Context): Flow<VersionRef, ModelVersionStateName> {
  return {
    name: 'import-and-scan',
    async body(run, ref) {
      try {
        const plan = await run.step('list', () => list(context, run.id, ref))
        const passed = await importAll(context, run, ref, plan)
        await run.step('read-facts', () => readFacts(context, run.id, ref, passed))
        await run.step('scan', () => scan(context, run.id, ref, plan, passed))
        const state = await run.step('finish', () => concludeScan(context, run.id, ref))
        await run.step('remove-upload', () => removeSource(context, plan))
        return state
      } catch (error) {
        await run.step('fail', () => concludeFailedImport(context, run.id, ref, error))
        return 'failed'
      }
    },
  }
}

async function list(context: Context, operationId: string, ref: VersionRef): Promise<Plan> {
  await context.operations.updateStep(operationId, 'import', { state: 'running' })
  const { version } = await requireVersion(context, ref)
  const place = await findPlace(context, ref.project_id, version.source_path)
  const listing = await place.list()
  const missing = missingFiles(listing.files)
  if (missing.length > 0) throw failed(`There is no complete model at ${version.source_path}.`, missing)
  await savePinnedSource(context.database.query, ref, place.pinned)
  const scanners = await scannersOf(context)
  return { ...listing, started_at: nowOf(context), pinned: place.pinned, scanners }
}

async function importAll(context: Context, run: Run, ref: VersionRef, plan: Plan): Promise<PassedFile[]> {
  const total = sumBytes(plan.files)
  const passed: PassedFile[] = []
  const batches = planBatches(plan.files)
  for (const [index, batch] of batches.entries()) {
    const onBytes = byteProgress(context, run.id, 'import', { done: sumBytes(passed), total })
    passed.push(
      ...(await run.step(`import ${index + 1} of ${batches.length}`, async () =>
        importBatch(context, ref, await findPlace(context, ref.project_id, plan.pinned), batch, onBytes),
      )),
    )
  }
  return passed
}

async function readFacts(
  context: Context,
  operationId: string,
  ref: VersionRef,
  passed: readonly PassedFile[],
): Promise<void> {
  const { operations } = context
  const manifest = createManifest(passed.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })))
  const total = sumBytes(passed)
  await operations.updateStep(operationId, 'import', {
    state: 'succeeded',
    progress: { done: total, total, unit: 'bytes' },
    message: `${countText(passed)} imported; digest ${manifest.digest.slice(0, 12)}.`,
  })
  await operations.updateStep(operationId, 'read-facts', { state: 'running' })
  const read = await readVersionFacts(context, ref, manifest.files)
  await saveVersionFacts(context, ref, manifest, read)
  const { facts, conflicts } = read
  const told = facts
    ? `${facts.architecture}, ${facts.parameter_count.toLocaleString('en')} parameters, ${facts.weight_precision}`
    : `An adapter of ${read.lineage[0]?.name ?? 'an unknown model'}`
  const differing =
    conflicts.length === 0 ? '' : `; ${conflicts.map(({ field }) => field).join(', ')} differ from what was claimed`
  await operations.updateStep(operationId, 'read-facts', { state: 'succeeded', message: `${told}${differing}.` })
  await setState(context, ref, 'scanning')
}

async function scan(
  context: Context,
  operationId: string,
  ref: VersionRef,
  plan: Plan,
  passed: readonly PassedFile[],
): Promise<void> {
  await context.operations.updateStep(operationId, 'scan', { state: 'running' })
  const onFile = byteProgress(context, operationId, 'scan', { done: 0, total: sumBytes(passed) })
  const scanned = await scanVersion(context, ref, {
    startedAt: plan.started_at,
    scanners: plan.scanners,
    passed,
    refused: plan.refused,
    onFile: ({ bytes }) => onFile(bytes),
  })
  await recordScan(context, operationId, ref, scanned)
}

/** An upload left behind does no harm: it is swept later. */
async function removeSource(context: Context, { pinned }: Plan): Promise<void> {
  const uploadId = uploadIdOf(pinned)
  if (uploadId !== undefined) await removeUpload(context, uploadId).catch(() => {})
}

const sumBytes = (files: readonly Pick<SourceFile, 'bytes'>[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0)
