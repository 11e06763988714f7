/** What every verb of the registry works with. */

import type { Principal } from '@bud/access'
import type { Clock } from '@bud/kernel'
import type { Database, EventBus, FlowRunner, Log, Operations, SecretBox } from '@bud/platform'
import type { CatalogueEntry } from '../domain/listing/catalogue.ts'
import type { MeasuredFigures } from '../domain/listing/measured-figures.ts'
import type {
  ArtifactStore,
  ClusterFits,
  ModelSource,
  ModelUsage,
  PartUploads,
  PolicyFile,
  Scanner,
  StreamScanner,
} from '../ports.ts'

export interface Context {
  database: Database
  flows: FlowRunner
  operations: Operations
  events: EventBus
  secrets: SecretBox
  log: Log
  clock: Clock
  store: ArtifactStore & PartUploads
  sources: readonly ModelSource[]
  scanners: readonly Scanner[]
  streamScanners: readonly StreamScanner[]
  usage: ModelUsage
  fits: ClusterFits
  policyFile: PolicyFile
  measured: MeasuredFigures
  /** Sorted by name. */
  catalogue: readonly CatalogueEntry[]
  /** When the catalogue was read. */
  catalogueSince: string
  /** Operations whose flows this process has started. */
  started: Set<string>
}

export const nowOf = ({ clock }: Pick<Context, 'clock'>): string => new Date(clock.nowMs()).toISOString()

/** Who did it, for people to read. */
export const nameOf = ({ name, email }: Principal): string => name || email

/** What a flow works on: everything else is looked up. */
export interface VersionRef {
  project_id: string
  model_id: string
  version_id: string
}
