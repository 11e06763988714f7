/** A whole registry for tests: real database, real folders, flows driven by hand or by the real runner. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Principal } from '@bud/access'
import { unavailable } from '@bud/kernel'
import type { Flow, FlowRunner, Platform } from '@bud/platform'
import { openFolderArtifactStore } from '../adapters/folder-artifact-store.ts'
import { createFolderModelSource } from '../adapters/folder-model-source.ts'
import { createFormatScanner } from '../adapters/format-scanner.ts'
import { createLocalPolicyFile } from '../adapters/local-policy-file.ts'
import { createSecretScanner } from '../adapters/secret-scanner.ts'
import { createSignatureScanner } from '../adapters/signature-scanner.ts'
import { createUploadModelSource } from '../adapters/upload-model-source.ts'
import { createModels, type Models, type ModelsDependencies } from '../create-models.ts'
import { sampleModelFiles } from '../domain/sample-model/sample-model-files.ts'
import type { ArtifactStore, PartUploads } from '../ports.ts'
import { announcedDigests } from '../services/upload-files.ts'
import { FakeClusterFits } from './fake-cluster-fits.ts'
import { FakeModelUsage } from './fake-model-usage.ts'
import { principalOf } from './principal-of.ts'
/** Remembers what was started, so that a test runs it step by step. */
export class HeldFlows implements FlowRunner {
  /** Ids of flows whose start was asked for, with every repetition. */
  readonly asked: string[] = []
  /** Every start fails. */
  refuses = false
  readonly started = new Map<string, { flow: Flow<unknown, unknown>; input: unknown }>()

  readonly #errors = new Map<string, Error>()

  register(): void {}

  async start<Input, Output>(flow: Flow<Input, Output>, id: string, input: Input): Promise<void> {
    this.asked.push(id)
    if (this.refuses) throw unavailable('The database does not answer.')
    if (!this.started.has(id)) this.started.set(id, { flow: flow as unknown as Flow<unknown, unknown>, input })
  }

  /** It has ended, with an error that its body did not foresee. */
  breakOff(id: string, error: Error): void {
    this.#errors.set(id, error)
  }

  async isOver(id: string): Promise<boolean> {
    return this.#errors.has(id)
  }

  result(id: string): Promise<never> {
    return Promise.reject(this.#errors.get(id) ?? new Error('held flows have no results'))
  }

  async launch(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export interface TestModels {
  models: Models
  flows: HeldFlows
  usage: FakeModelUsage
  store: ArtifactStore & PartUploads
  /** The folder behind s3://models/. */
  bucket: string
  /** The folder behind the store. */
  storeFolder: string
  principal: Principal
  /** As its owner would with an editor. */
  writePolicy(text: string): Promise<void>
  /** Puts files under s3://models/<name>; the sample model's where not told otherwise. */
  put(name: string, files?: Record<string, Uint8Array | string>): Promise<string>
  remove(): Promise<void>
}

let projects = 0

/** Each has a project of its own, so that tests may share one database. */
export async function createTestModels(
  platform: Platform,
  change: Partial<ModelsDependencies> = {},
): Promise<TestModels> {
  const folder = await mkdtemp(join(tmpdir(), 'bud-models-'))
  const bucket = join(folder, 's3', 'models')
  await mkdir(bucket, { recursive: true })
  const storeFolder = join(folder, 'store')
  const store = await openFolderArtifactStore(storeFolder)
  const policyPath = join(folder, 'policy.yaml')
  const flows = new HeldFlows()
  const usage = new FakeModelUsage()
  const models = createModels({
    database: platform.database,
    operations: platform.operations,
    events: platform.events,
    secrets: platform.secrets,
    log: { info() {}, warn() {}, error() {} },
    flows,
    store,
    sources: [
      createFolderModelSource([
        { name: 'models', folder: bucket, described: 'artifacts/s3/models in the data folder' },
      ]),
      createUploadModelSource(store, (upload) => announcedDigests(platform, upload)),
    ],
    scanners: [createFormatScanner()],
    streamScanners: [createSignatureScanner(), createSecretScanner()],
    usage,
    fits: new FakeClusterFits(),
    policyFile: createLocalPolicyFile({ path: policyPath, described: 'policy.yaml' }),
    catalogue: [],
    cards: new Map(),
    measuredRows: () => [],
    gpuTypes: (name) => [name],
    ...change,
  })
  await models.load()
  return {
    models,
    flows,
    usage,
    store,
    bucket,
    storeFolder,
    principal: principalOf(`project-${++projects}`),
    writePolicy: (text) => writeFile(policyPath, text),
    async put(name, files = sampleFiles()) {
      for (const [path, content] of Object.entries(files)) {
        const file = join(bucket, name, path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, content)
      }
      return `s3://models/${name}`
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

const SAMPLE = Object.fromEntries(sampleModelFiles().map(({ path, content }) => [path, content]))

export const sampleFiles = (): Record<string, Uint8Array> => ({ ...SAMPLE })
