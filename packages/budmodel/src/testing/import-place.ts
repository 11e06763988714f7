/** An import’s one read of a place’s files into a store, without the database around it: for suites and benches. */
import { systemClock } from '@bud/kernel'
import { planBatches } from '../domain/import-batches.ts'
import type { ArtifactStore, SourcePlace, StreamScanner } from '../ports.ts'
import { importBatch } from '../services/import-files.ts'
import type { PassedFile } from '../services/read-through.ts'

export interface ImportedPlace {
  place: SourcePlace
  store: ArtifactStore
  scanners: readonly StreamScanner[]
  modelId: string
  versionId: string
}

export async function importPlace({
  place,
  store,
  scanners,
  modelId,
  versionId,
}: ImportedPlace): Promise<PassedFile[]> {
  const { files } = await place.list()
  const ref = { project_id: 'project', model_id: modelId, version_id: versionId }
  const context = { store, streamScanners: scanners, clock: systemClock }
  const passed: PassedFile[] = []
  for (const batch of planBatches(files))
    passed.push(...(await importBatch(context, ref, place, batch, async () => {})))
  return passed
}
