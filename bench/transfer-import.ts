/** Ours, as a process of its own: imports one place into the store, hashed and scanned on the way, and says what that took. */
import { randomBytes } from 'node:crypto'
import { createFileModelSource } from '@bud/budmodel/adapters/file-model-source'
import { openS3ArtifactStore } from '@bud/budmodel/adapters/s3-artifact-store'
import type { S3Place } from '@bud/budmodel/adapters/s3-client'
import { createS3ModelSource } from '@bud/budmodel/adapters/s3-model-source'
import { createSecretScanner } from '@bud/budmodel/adapters/secret-scanner'
import { createSignatureScanner } from '@bud/budmodel/adapters/signature-scanner'
import { importPlace } from '@bud/budmodel/testing/import-place'

export interface TransferOrder {
  /** A folder, or a bucket and prefix as in `s3://`. */
  from: { folder: string } | { connection: S3Place; location: string }
  to: S3Place
  name: string
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

async function transfer({ from, to, name }: TransferOrder): Promise<TransferResult> {
  const started = performance.now()
  const store = await openS3ArtifactStore(to)
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
    modelId: name,
    versionId: `v-${randomBytes(6).toString('hex')}`,
  })
  const { user, system } = process.cpuUsage()
  return {
    bytes: passed.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    maxRssMib: process.resourceUsage().maxRSS / 1024,
  }
}
