/** The registry as the rest of the product sees it. */
import type { Readable } from 'node:stream'
import type { Principal } from '@bud/access'
import { type Clock, systemClock } from '@bud/kernel'
import type { Database, EventBus, FlowRunner, Log, Operations, Platform, SecretBox } from '@bud/platform'
import { type CatalogueCard, type CatalogueModel, toCatalogue } from './domain/listing/catalogue.ts'
import { createMeasuredFigures, type MeasuredServing } from './domain/listing/measured-figures.ts'
import type { ListModels } from './domain/listing/model-filter.ts'
import type {
  ArtifactStore,
  ClusterFits,
  ModelSource,
  ModelUsage,
  PartUploads,
  PolicyFile,
  Scanner,
  StreamScanner,
} from './ports.ts'
import type { AcceptedModel, NewVersion } from './services/accept-version.ts'
import { addVersion } from './services/add-version.ts'
import { checkHealth, type HealthCheck } from './services/check-health.ts'
import { type Context, nowOf } from './services/context.ts'
import { deleteModel, deleteVersion, finishDeletions } from './services/delete-model.ts'
import { type ModelFlow, resumeFlows } from './services/flow-starts.ts'
import { getModel, type ModelChange, updateModel } from './services/get-model.ts'
import { markStore } from './services/installation.ts'
import { judgeAnew } from './services/judge-version.ts'
import { listFiles } from './services/list-files.ts'
import { compareModels } from './services/listing/compare-models.ts'
import { type ImportBenchmarks, importBenchmarks } from './services/listing/import-benchmarks.ts'
import { listModels, type ModelPage } from './services/listing/list-models.ts'
import { syncCatalogue } from './services/listing/sync-catalogue.ts'
import type { ModelDetail } from './services/model-detail.ts'
import {
  type NewWaiver,
  type PolicyView,
  replacePolicy,
  takeWaiverBack,
  viewPolicy,
  waive,
  writeDefaultPolicy,
} from './services/model-policy.ts'
import { openFile } from './services/open-file.ts'
import { type RegisterModel, registerModel } from './services/register-model.ts'
import { rescanModel, rescanStale } from './services/rescan-model.ts'
import { type DeployableModel, resolveForDeployment } from './services/resolve-for-deployment.ts'
import { sweepByItself, sweepOrphans } from './services/sweep-orphans.ts'
import { budmodel } from './services/tables.ts'
import { beginUploadFile, completeUploadFile, type UploadFile, writeUploadPart } from './services/upload-files.ts'
import { createUpload, deleteUpload, getUpload, type Upload, writeUploadFile } from './services/uploads.ts'
import { archiveVersion, removeAlias, restoreVersion, setAlias } from './services/version-states.ts'
import { createImportAndScan } from './workflows/import-and-scan.ts'
import { createRescanModel } from './workflows/rescan-model.ts'

export interface ModelsDependencies {
  database: Database
  flows: FlowRunner
  operations: Operations
  events: EventBus
  secrets: SecretBox
  log: Log
  store: ArtifactStore & PartUploads
  sources: readonly ModelSource[]
  scanners: readonly Scanner[]
  streamScanners: readonly StreamScanner[]
  usage: ModelUsage
  fits: ClusterFits
  policyFile: PolicyFile
  catalogue: readonly CatalogueModel[]
  /** What is known of the entries beside, by name. */
  cards: ReadonlyMap<string, CatalogueCard>
  /** Public measurements; read at the first question about speed. */
  measuredRows: () => readonly MeasuredServing[]
  /** The GPU types that a name means. */
  gpuTypes: (name: string) => readonly string[]
  clock?: Clock
}

const MIGRATIONS = new URL('./adapters/migrations', import.meta.url)

/** Brings the registry's tables up to date; before anything of it is called. */
export const migrateModels = (platform: Pick<Platform, 'migrate'>): Promise<void> =>
  platform.migrate(budmodel.schemaName, MIGRATIONS)

export interface Models {
  list(principal: Principal, input: ListModels): Promise<ModelPage>
  /** By id or name, or one version: "name@3", "name@production". */
  get(principal: Principal, reference: string): Promise<ModelDetail>
  update(principal: Principal, reference: string, change: ModelChange): Promise<ModelDetail>
  /** Two to four references, separated by commas. */
  compare(principal: Principal, references: string): Promise<ModelDetail[]>
  files(principal: Principal, request: Parameters<typeof listFiles>[2]): ReturnType<typeof listFiles>
  register(principal: Principal, input: RegisterModel): Promise<AcceptedModel>
  addVersion(principal: Principal, idOrName: string, input: NewVersion): Promise<AcceptedModel>
  rescan(principal: Principal, reference: string): Promise<AcceptedModel>
  setAlias(principal: Principal, input: Parameters<typeof setAlias>[2]): Promise<ModelDetail>
  removeAlias(principal: Principal, input: Parameters<typeof removeAlias>[2]): Promise<void>
  archive(principal: Principal, reference: string): Promise<ModelDetail>
  restore(principal: Principal, reference: string): Promise<ModelDetail>
  delete(principal: Principal, idOrName: string): Promise<void>
  deleteVersion(principal: Principal, idOrName: string, number: number): Promise<void>
  importBenchmarks(principal: Principal, input: ImportBenchmarks): ReturnType<typeof importBenchmarks>
  uploads: Uploads
  policy: Policy
  sweep(principal: Principal, input: { dry_run: boolean }): ReturnType<typeof sweepOrphans>
  /** Every few hours. */
  sweepByItself(): Promise<void>
  resolveForDeployment(projectId: string, reference: string): Promise<DeployableModel>
  openFile(versionId: string, path: string): Promise<Readable>
  /** Registered with the runner before it launches. */
  readonly flows: readonly ModelFlow[]
  /** Once, before anything is listed. */
  load(): Promise<void>
  /**
   * After the launch, then every few seconds, one call at a time: starts what was accepted and could not start, also
   * before a crash, and fails what its flow has left unfinished.
   */
  resume(): Promise<void>
  /** For `bud doctor`: store, policy, scanners. */
  health(): Promise<HealthCheck[]>
  /** Every minute or so: stored scans by the policy and the date as they are now. Answers how many changed state. */
  judgeAnew(): Promise<number>
  /** Every few minutes: begins to scan again what older rules or signatures looked at. Answers how many. */
  rescanStale(): Promise<number>
}

interface Uploads {
  create(principal: Principal): ReturnType<typeof createUpload>
  get(principal: Principal, id: string): Promise<Upload>
  delete(principal: Principal, id: string): Promise<void>
  /** A file in one piece. */
  writeFile(
    principal: Principal,
    place: { id: string; path: string },
    content: AsyncIterable<Uint8Array>,
  ): Promise<{ path: string; bytes: number }>
  beginFile(principal: Principal, input: Parameters<typeof beginUploadFile>[2]): Promise<UploadFile>
  writePart(
    principal: Principal,
    place: { id: string; path: string; number: number },
    content: AsyncIterable<Uint8Array>,
  ): Promise<void>
  completeFile(principal: Principal, place: { id: string; path: string }): Promise<UploadFile>
}

interface Policy {
  view(): Promise<PolicyView>
  replace(principal: Principal, text: string): Promise<PolicyView>
  waive(principal: Principal, waiver: NewWaiver): Promise<PolicyView>
  takeWaiverBack(principal: Principal, name: string): Promise<PolicyView>
}

function toContext({
  catalogue,
  cards,
  measuredRows,
  gpuTypes,
  clock = systemClock,
  ...given
}: ModelsDependencies): Context {
  return {
    ...given,
    clock,
    catalogue: toCatalogue(catalogue, cards),
    catalogueSince: nowOf({ clock }),
    measured: createMeasuredFigures({ rows: measuredRows, models: catalogue, gpuTypes }),
    started: new Set(),
  }
}

/** The caller registers `flows` with the runner. */
export function createModels(dependencies: ModelsDependencies): Models {
  const context = toContext(dependencies)
  const importAndScan = createImportAndScan(context)
  const rescan = createRescanModel(context)
  const get = (principal: Principal, reference: string) => getModel(context, principal, reference)
  return {
    list: (principal, input) => listModels(context, principal, input),
    get,
    update: (principal, reference, change) => updateModel(context, principal, reference, change),
    compare: (principal, references) => compareModels((reference) => get(principal, reference), references),
    files: (principal, request) => listFiles(context, principal, request),
    register: (principal, input) => registerModel(context, importAndScan, principal, input),
    addVersion: (principal, idOrName, input) => addVersion(context, importAndScan, principal, idOrName, input),
    rescan: (principal, reference) => rescanModel(context, rescan, principal, reference),
    async setAlias(principal, input) {
      await setAlias(context, principal, input)
      return get(principal, input.id)
    },
    removeAlias: (principal, input) => removeAlias(context, principal, input),
    archive: async (principal, reference) => get(principal, await archiveVersion(context, principal, reference)),
    restore: async (principal, reference) => get(principal, await restoreVersion(context, principal, reference)),
    delete: (principal, idOrName) => deleteModel(context, principal, idOrName),
    deleteVersion: (principal, idOrName, number) => deleteVersion(context, principal, idOrName, number),
    importBenchmarks: (principal, input) => importBenchmarks(context, principal, input),
    uploads: uploadsOf(context),
    policy: {
      view: () => viewPolicy(context),
      replace: (principal, text) => replacePolicy(context, principal, text),
      waive: (principal, waiver) => waive(context, principal, waiver),
      takeWaiverBack: (principal, name) => takeWaiverBack(context, principal, name),
    },
    sweep: (principal, input) => sweepOrphans(context, principal, input),
    sweepByItself: () => sweepByItself(context),
    resolveForDeployment: (projectId, reference) => resolveForDeployment(context, projectId, reference),
    openFile: (versionId, path) => openFile(context, versionId, path),
    flows: [importAndScan, rescan],
    async load() {
      await syncCatalogue(context, context.catalogue)
      await writeDefaultPolicy(context)
      await markStore(context)
    },
    async resume() {
      await resumeFlows(context, { importAndScan, rescan })
      await finishDeletions(context)
    },
    health: () => checkHealth(context),
    judgeAnew: () => judgeAnew(context),
    rescanStale: () => rescanStale(context, rescan),
  }
}

const uploadsOf = (context: Context): Uploads => ({
  create: (principal) => createUpload(context, principal),
  get: (principal, id) => getUpload(context, principal, id),
  delete: (principal, id) => deleteUpload(context, principal, id),
  writeFile: (principal, { id, path }, content) => writeUploadFile(context, principal, id, path, content),
  beginFile: (principal, input) => beginUploadFile(context, principal, input),
  writePart: (principal, place, content) => writeUploadPart(context, principal, place, content),
  completeFile: (principal, place) => completeUploadFile(context, principal, place),
})
