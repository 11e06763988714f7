/** The registry as the rest of the product sees it. */
import type { Readable } from 'node:stream'
import type { Principal } from '@bud/access'
import { type Clock, systemClock } from '@bud/kernel'
import type { Database, EventBus, FlowRunner, Log, Operations, Platform } from '@bud/platform'
import { type CatalogueModel, toCatalogue } from './domain/listing/catalogue.ts'
import type { ArtifactStore, ModelSource, ModelUsage, Scanner, StreamScanner } from './ports.ts'
import { type Context, nowOf } from './services/context.ts'
import { deleteModel } from './services/delete-model.ts'
import { type ModelFlow, resumeFlows } from './services/flow-starts.ts'
import { getModel } from './services/get-model.ts'
import { type ListModels, listModels, type ModelPage } from './services/list-models.ts'
import { openFile } from './services/open-file.ts'
import type { ModelDetail } from './services/present-model.ts'
import { type AcceptedModel, type RegisterModel, registerModel } from './services/register-model.ts'
import { rescanModel } from './services/rescan-model.ts'
import { type DeployableModel, resolveForDeployment } from './services/resolve-for-deployment.ts'
import { budmodel } from './services/tables.ts'
import { createUpload, writeUploadFile } from './services/uploads.ts'
import { createImportAndScan } from './workflows/import-and-scan.ts'
import { createRescanModel } from './workflows/rescan-model.ts'

export interface ModelsDependencies {
  database: Database
  flows: FlowRunner
  operations: Operations
  events: EventBus
  log: Log
  store: ArtifactStore
  sources: readonly ModelSource[]
  scanners: readonly Scanner[]
  streamScanners: readonly StreamScanner[]
  usage: ModelUsage
  catalogue: readonly CatalogueModel[]
  clock?: Clock
}

export interface Models {
  list(principal: Principal, input: ListModels): Promise<ModelPage>
  /** By id or name. */
  get(principal: Principal, idOrName: string): Promise<ModelDetail>
  register(principal: Principal, input: RegisterModel): Promise<AcceptedModel>
  rescan(principal: Principal, idOrName: string): Promise<AcceptedModel>
  delete(principal: Principal, idOrName: string): Promise<void>
  createUpload(principal: Principal): Promise<{ id: string; source_path: string }>
  writeUploadFile(
    principal: Principal,
    uploadId: string,
    path: string,
    content: AsyncIterable<Uint8Array>,
  ): Promise<{ path: string; bytes: number }>
  resolveForDeployment(projectId: string, idOrName: string): Promise<DeployableModel>
  openFile(versionId: string, path: string): Promise<Readable>
  /** Registered with the runner before it launches. */
  readonly flows: readonly ModelFlow[]
  /**
   * After the launch, then every few seconds, one call at a time: starts what was accepted and could not start, also
   * before a crash, and fails what its flow has left unfinished.
   */
  resume(): Promise<void>
}

const MIGRATIONS = new URL('./adapters/migrations', import.meta.url)

/** Brings the registry's tables up to date; before anything of it is called. */
export const migrateModels = (platform: Pick<Platform, 'migrate'>): Promise<void> =>
  platform.migrate(budmodel.schemaName, MIGRATIONS)

/** The caller registers `flows` with the runner. */
export function createModels({ clock = systemClock, catalogue, ...dependencies }: ModelsDependencies): Models {
  const context: Context = {
    ...dependencies,
    clock,
    catalogue: toCatalogue(catalogue),
    catalogueSince: nowOf({ clock }),
    started: new Set(),
  }
  const importAndScan = createImportAndScan(context)
  const rescan = createRescanModel(context)
  return {
    list: (principal, input) => listModels(context, principal, input),
    get: (principal, idOrName) => getModel(context, principal, idOrName),
    register: (principal, input) => registerModel(context, importAndScan, principal, input),
    rescan: (principal, idOrName) => rescanModel(context, rescan, principal, idOrName),
    delete: (principal, idOrName) => deleteModel(context, principal, idOrName),
    createUpload: (principal) => createUpload(context, principal),
    writeUploadFile: (principal, uploadId, path, content) =>
      writeUploadFile(context, principal, uploadId, path, content),
    resolveForDeployment: (projectId, idOrName) => resolveForDeployment(context, projectId, idOrName),
    openFile: (versionId, path) => openFile(context, versionId, path),
    flows: [importAndScan, rescan],
    resume: () => resumeFlows(context, { importAndScan, rescan }),
  }
}
