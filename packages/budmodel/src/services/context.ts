/** What every verb of the registry works with. */

import type { Principal } from '@bud/access'
import type { Clock } from '@bud/kernel'
import type { Database, EventBus, FlowRunner, Log, Operations } from '@bud/platform'
import type { CatalogueEntry } from '../domain/listing/catalogue.ts'
import type { ArtifactStore, ModelSource, ModelUsage, Scanner, StreamScanner } from '../ports.ts'

export interface Context {
  database: Database
  flows: FlowRunner
  operations: Operations
  events: EventBus
  log: Log
  clock: Clock
  store: ArtifactStore
  sources: readonly ModelSource[]
  scanners: readonly Scanner[]
  streamScanners: readonly StreamScanner[]
  usage: ModelUsage
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
