/** Ours, as a process of its own: imports one place into the store, hashed and scanned on the way, and says what that took. */
import { randomBytes } from 'node:crypto'
import type { ArtifactStore } from '@bud/budmodel'
import { createFileModelSource } from '@bud/budmodel/adapters/file-model-source'
import { openS3ArtifactStore } from '@bud/budmodel/adapters/s3-artifact-store'
import type { S3Place } from '@bud/budmodel/adapters/s3-client'
import { createS3ModelSource } from '@bud/budmodel/adapters/s3-model-source'
import { createSecretScanner } from '@bud/budmodel/adapters/secret-scanner'
import { createSignatureScanner } from '@bud/budmodel/adapters/signature-scanner'
import { importPlace } from '@bud/budmodel/testing/import-place'

/** A folder, or a bucket and prefix as in `s3://`. */
export type TransferSource = { folder: string } | { connection: S3Place; location: string }

export interface TransferOrder {
  /** Imported first and not counted: a server that imports has been running. */
  warmUp: TransferSource
  from: TransferSource
  to: S3Place
}

export interface TransferResult {
  bytes: number
  seconds: number
  cpuSeconds: number
  maxRssMib: number
}

process.once('message', async (order: TransferOrder) => {
  const result = await transfer(order)
  process.send?.(result, () => process.disconnect())
})

async function transfer({ warmUp, from, to }: TransferOrder): Promise<TransferResult> {
  const store = await openS3ArtifactStore(to)
  await importFrom(warmUp, store)
  const started = performance.now()
  const before = process.cpuUsage()
  const bytes = await importFrom(from, store)
  const { user, system } = process.cpuUsage(before)
  return {
    bytes,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    maxRssMib: process.resourceUsage().maxRSS / 1024,
  }
}

async function importFrom(from: TransferSource, store: ArtifactStore): Promise<number> {
  const closed = createFileModelSource({ roots: [] })
  const source =
    'folder' in from
      ? createFileModelSource({ roots: [from.folder] })
      : createS3ModelSource({ connectionOf: async () => from.connection, otherwise: closed })
  const location = 'folder' in from ? from.folder : from.location
  const passed = await importPlace({
    place: await source.find({ project_id: 'project', location }),
    store,
    scanners: [createSignatureScanner(), createSecretScanner()],
    modelId: 'model',
    versionId: `version-${randomBytes(6).toString('hex')}`,
  })
  return passed.reduce((sum, { bytes }) => sum + bytes, 0)
}
