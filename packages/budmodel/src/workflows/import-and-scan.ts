/**
 * Files from their source into the registry: import → read facts → scan → finish. Runs under its operation's id, and
 * the version's state is its lock: only a registration creates a version in `importing`.
 */
import { failed, type ModelVersionStateName } from '@bud/kernel'
import type { Flow, Run } from '@bud/platform'
import { findConflicts } from '../domain/facts/claims.ts'
import { missingFiles } from '../domain/facts/required-files.ts'
import { planBatches } from '../domain/import-batches.ts'
import { createManifest } from '../domain/manifest.ts'
import type { SourceFile, SourceListing } from '../ports.ts'
import { byteProgress, countText } from '../services/byte-progress.ts'
import { concludeFailedImport, concludeScan, recordScan } from '../services/conclude.ts'
import { type Context, nowOf, type VersionRef } from '../services/context.ts'
import { findSource, importBatch } from '../services/import-files.ts'
import { readModelFacts } from '../services/read-model-facts.ts'
import type { PassedFile } from '../services/read-through.ts'
import { scanVersion } from '../services/scan-version.ts'
import { removeUpload, uploadIdOf } from '../services/uploads.ts'
import { requireVersion, saveFacts, setState } from '../services/version-rows.ts'

interface Plan extends SourceListing {
  started_at: string
  source_path: string
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
  const { model } = await requireVersion(context, ref)
  const { source, location } = findSource(context, model.source_path)
  const listing = await source.list(location)
  const missing = missingFiles(listing.files)
  if (missing.length > 0) throw failed(`There is no complete model at ${model.source_path}.`, missing)
  return { ...listing, started_at: nowOf(context), source_path: model.source_path }
}

async function importAll(context: Context, run: Run, ref: VersionRef, plan: Plan): Promise<PassedFile[]> {
  const total = sumBytes(plan.files)
  const passed: PassedFile[] = []
  const batches = planBatches(plan.files)
  for (const [index, batch] of batches.entries()) {
    const onBytes = byteProgress(context, run.id, 'import', { done: sumBytes(passed), total })
    const place = findSource(context, plan.source_path)
    passed.push(
      ...(await run.step(`import ${index + 1} of ${batches.length}`, () =>
        importBatch(context, ref, place, batch, onBytes),
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
  const facts = await readModelFacts(context, ref, manifest.files)
  const { version } = await requireVersion(context, ref)
  const conflicts = findConflicts(version.claims, facts)
  await saveFacts(context, ref, { manifest, facts, conflicts })
  const told = `${facts.architecture}, ${facts.parameter_count.toLocaleString('en')} parameters, ${facts.weight_precision}`
  const differing =
    conflicts.length === 0 ? '' : `; ${conflicts.map(({ field }) => field).join(', ')} differ from the registration`
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
  const report = await scanVersion(context, ref, {
    startedAt: plan.started_at,
    passed,
    refused: plan.refused,
    onFile: ({ bytes }) => onFile(bytes),
  })
  await recordScan(context, operationId, ref, report)
}

/** An upload left behind does no harm: it is swept later. */
async function removeSource(context: Context, { source_path }: Plan): Promise<void> {
  const uploadId = uploadIdOf(source_path)
  if (uploadId !== undefined) await removeUpload(context, uploadId).catch(() => {})
}

const sumBytes = (files: readonly Pick<SourceFile, 'bytes'>[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0)
