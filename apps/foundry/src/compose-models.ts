/** The registry with its store, its sources and its scanners, as the settings want them. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  announcedDigests,
  type ClusterFits,
  type Connections,
  createConnections,
  createModels,
  type Models,
  type ModelUsage,
  type StreamScanner,
} from '@bud/budmodel'
import { parseClamdAddress } from '@bud/budmodel/adapters/clamd-address'
import { createClamdScanner } from '@bud/budmodel/adapters/clamd-scanner'
import { loadCatalogueCards } from '@bud/budmodel/adapters/committed-catalogue-cards'
import { createConnectionProbe } from '@bud/budmodel/adapters/connection-probe'
import { createFileModelSource } from '@bud/budmodel/adapters/file-model-source'
import { openFolderArtifactStore } from '@bud/budmodel/adapters/folder-artifact-store'
import { createFolderModelSource } from '@bud/budmodel/adapters/folder-model-source'
import { createFormatScanner } from '@bud/budmodel/adapters/format-scanner'
import { createHuggingFaceModelSource } from '@bud/budmodel/adapters/hugging-face-model-source'
import { createLocalPolicyFile } from '@bud/budmodel/adapters/local-policy-file'
import { openS3ArtifactStore } from '@bud/budmodel/adapters/s3-artifact-store'
import { createS3ModelSource } from '@bud/budmodel/adapters/s3-model-source'
import { createSecretScanner } from '@bud/budmodel/adapters/secret-scanner'
import { createSignatureScanner } from '@bud/budmodel/adapters/signature-scanner'
import { createUploadModelSource } from '@bud/budmodel/adapters/upload-model-source'
import type { GpuCatalogue } from '@bud/budsim'
import { loadMeasurements } from '@bud/budsim/adapters/measurements'
import type { ReferenceData } from '@bud/budsim/adapters/reference-data'
import { systemClock } from '@bud/kernel'
import type { Database, Log, Platform } from '@bud/platform'
import type { FoundryConfig } from './config.ts'

/** Debian's clamd listens here when it runs. */
const CLAMD_SOCKET = '/var/run/clamav/clamd.ctl'
const TRIAL = Buffer.from('sound')

interface ModelParts {
  platform: Platform
  config: FoundryConfig
  reference: ReferenceData
  gpus: GpuCatalogue
  usage: ModelUsage
  fits: ClusterFits
}

export async function composeModels(parts: ModelParts): Promise<{ models: Models; connections: Connections }> {
  const { platform, config, reference, gpus, usage, fits } = parts
  const connections = createConnections({
    database: platform.database,
    secrets: platform.secrets,
    clock: systemClock,
    probe: createConnectionProbe(),
  })
  const store = await openStore(config)
  const models = createModels({
    ...platform,
    store,
    sources: await sourcesOf(config, connections, store, platform.database),
    scanners: [createFormatScanner()],
    streamScanners: [createSignatureScanner(), createSecretScanner(), ...(await clamdOf(config, platform.log))],
    usage,
    fits,
    policyFile: createLocalPolicyFile({
      path: resolve(config.modelPolicy ?? join(config.dataDir, 'model-policy.yaml')),
      described: config.modelPolicy ? 'The file of BUD_MODEL_POLICY' : 'model-policy.yaml in the data folder',
    }),
    catalogue: reference.models,
    cards: loadCatalogueCards(),
    measuredRows: () => loadMeasurements().rows,
    gpuTypes: (name) => gpus.resolve(name).map(({ id }) => id),
  })
  return { models, connections }
}

type Store = Awaited<ReturnType<typeof openFolderArtifactStore>>

function openStore(config: FoundryConfig): Promise<Store> {
  const { artifacts, s3AccessKeyId, s3SecretAccessKey, s3SessionToken, s3Endpoint, s3PublicEndpoint } = config
  if (!artifacts || !s3AccessKeyId || !s3SecretAccessKey) {
    return openFolderArtifactStore(join(config.dataDir, 'artifacts'))
  }
  const { hostname: bucket, pathname } = new URL(artifacts)
  const prefix = pathname.replace(/^\/+|\/+$/g, '')
  return openS3ArtifactStore({
    bucket,
    region: config.s3Region,
    accessKeyId: s3AccessKeyId,
    secretAccessKey: s3SecretAccessKey,
    pathStyle: config.s3PathStyle,
    ...(prefix === '' ? {} : { prefix }),
    ...(s3SessionToken ? { sessionToken: s3SessionToken } : {}),
    ...(s3Endpoint ? { endpoint: s3Endpoint } : {}),
    ...(s3PublicEndpoint ? { publicEndpoint: s3PublicEndpoint } : {}),
  })
}

async function sourcesOf(
  { dataDir, modelFolders }: FoundryConfig,
  connections: Connections,
  store: Store,
  database: Database,
) {
  const folder = join(dataDir, 'artifacts', 's3', 'models')
  await mkdir(folder, { recursive: true })
  const described = 'the data folder’s artifacts/s3/models'
  return [
    createS3ModelSource({
      connectionOf: (projectId, bucket) => connections.s3Of(projectId, bucket),
      otherwise: createFolderModelSource([{ name: 'models', folder, described }]),
    }),
    createHuggingFaceModelSource({ connectionOf: (projectId) => connections.hubOf(projectId) }),
    createFileModelSource({ roots: modelFolders.split(':').filter((root) => root !== '') }),
    createUploadModelSource(store, (upload) => announcedDigests({ database }, upload)),
  ]
}

/**
 * As the setting says, whatever it is worth: scans are incomplete while it is not to be relied on. Without a setting,
 * the one at Debian's socket, where that can be relied on.
 */
async function clamdOf({ clamd }: FoundryConfig, log: Log): Promise<StreamScanner[]> {
  if (clamd === 'none') return []
  if (clamd !== undefined) return [createClamdScanner({ address: parseClamdAddress(clamd) })]
  if (!existsSync(CLAMD_SOCKET)) return []
  const found = createClamdScanner({ address: { path: CLAMD_SOCKET } })
  const trial = found.watch('trial', TRIAL.length)
  await trial.push(TRIAL)
  const { bytes_covered, findings } = await trial.end()
  if (bytes_covered === TRIAL.length) return [found]
  log.warn({ findings }, `The clamd at ${CLAMD_SOCKET} is not used: ${findings[0]?.message} docs/clamav.md says more.`)
  return []
}
