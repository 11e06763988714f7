export { createModels, type Models, type ModelsDependencies, migrateModels } from './create-models.ts'
export type { CatalogueModel } from './domain/listing/catalogue.ts'
export type { ListModels } from './domain/listing/model-filter.ts'
export type { Manifest, ManifestFile } from './domain/manifest.ts'
export type {
  ArtifactStore,
  ClusterFits,
  ConnectionProbe,
  HubConnection,
  ModelSource,
  ModelUsage,
  ModelUser,
  PartUploads,
  PolicyFile,
  S3Connection,
  Scanner,
  SourceListing,
  SourcePlace,
  StreamScanner,
  StreamWatch,
} from './ports.ts'
export { type Connections, createConnections } from './services/connections.ts'
export type { DeployableModel } from './services/resolve-for-deployment.ts'
export { announcedDigests } from './services/upload-files.ts'
