export { createModels, type Models, type ModelsDependencies, migrateModels } from './create-models.ts'
export type { CatalogueModel } from './domain/listing/catalogue.ts'
export type { Manifest, ManifestFile } from './domain/manifest.ts'
export type {
  ArtifactStore,
  ModelSource,
  ModelUsage,
  ModelUser,
  Scanner,
  SourceListing,
  StreamScanner,
  StreamWatch,
} from './ports.ts'
export type { DeployableModel } from './services/resolve-for-deployment.ts'
