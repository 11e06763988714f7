/**
 * Stored files looked at again: read → scan → finish. Runs under its operation's id; the version's `rescanning`, set when
 * it was asked for, is its lock. What is known of the version holds until something else is.
 */
import type { ModelVersionStateName } from '@bud/kernel'
import type { Flow, Run } from '@bud/platform'
import { planBatches } from '../domain/import-batches.ts'
import type { ManifestFile } from '../domain/manifest.ts'
import type { ReportedFinding } from '../domain/scan/scan-report.ts'
import { byteProgress, countText } from '../services/byte-progress.ts'
import { concludeFailedScan, concludeScan, recordScan } from '../services/conclude.ts'
import { type Context, nowOf, type VersionRef } from '../services/context.ts'
import { rereadBatch } from '../services/import-files.ts'
import type { PassedFile } from '../services/read-through.ts'
import { keptFindings } from '../services/scan-rows.ts'
import { type ScannerVersion, scannersOf, scanVersion } from '../services/scan-version.ts'
import { readManifestFiles } from '../services/version-rows.ts'

interface Plan {
  started_at: string
  files: ManifestFile[]
  /** What no later look can find again. */
  kept: ReportedFinding[]
  /** Asked before the first byte is read: rules that change meanwhile are newer than this scan. */
  scanners: ScannerVersion[]
}

export function createRescanModel(context: Context): Flow<VersionRef, ModelVersionStateName> {
  return {
    name: 'rescan-model',
    async body(run, ref) {
      try {
        const plan = await run.step('list', () => list(context, run.id, ref))
        const passed = await readAll(context, run, ref, plan)
        await run.step('scan', () => scan(context, run.id, ref, plan, passed))
        return await run.step('finish', () => concludeScan(context, run.id, ref))
      } catch (error) {
        await run.step('fail', () => concludeFailedScan(context, run.id, ref, error))
        return 'scan-incomplete'
      }
    },
  }
}

async function list(context: Context, operationId: string, ref: VersionRef): Promise<Plan> {
  await context.operations.updateStep(operationId, 'read', { state: 'running' })
  const { query } = context.database
  const scanners = await scannersOf(context)
  const kept = await keptFindings(query, ref.version_id, scanners)
  return { started_at: nowOf(context), files: await readManifestFiles(query, ref.version_id), kept, scanners }
}

async function readAll(context: Context, run: Run, ref: VersionRef, { files }: Plan): Promise<PassedFile[]> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const passed: PassedFile[] = []
  const batches = planBatches(files)
  for (const [index, batch] of batches.entries()) {
    const done = passed.reduce((sum, { bytes }) => sum + bytes, 0)
    const onBytes = byteProgress(context, run.id, 'read', { done, total })
    passed.push(
      ...(await run.step(`read ${index + 1} of ${batches.length}`, () => rereadBatch(context, ref, batch, onBytes))),
    )
  }
  return passed
}

async function scan(
  context: Context,
  operationId: string,
  ref: VersionRef,
  plan: Plan,
  passed: readonly PassedFile[],
): Promise<void> {
  const { operations } = context
  await operations.updateStep(operationId, 'read', { state: 'succeeded', message: `${countText(passed)} read again.` })
  await operations.updateStep(operationId, 'scan', { state: 'running' })
  const total = passed.reduce((sum, { bytes }) => sum + bytes, 0)
  const onFile = byteProgress(context, operationId, 'scan', { done: 0, total })
  const expected = new Map(plan.files.map(({ path, sha256 }) => [path, sha256]))
  const scanned = await scanVersion(context, ref, {
    startedAt: plan.started_at,
    scanners: plan.scanners,
    passed,
    kept: plan.kept,
    expected,
    onFile: ({ bytes }) => onFile(bytes),
  })
  await recordScan(context, operationId, ref, scanned)
}
