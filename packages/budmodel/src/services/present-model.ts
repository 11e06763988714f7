/** Rows and catalogue entries as the API shows them. */
import type { ModelFacts, ModelVersionState } from '@bud/kernel'
import type { FactConflict } from '../domain/facts/claims.ts'
import { type CatalogueEntry, catalogueState } from '../domain/listing/catalogue.ts'
import type { ManifestFile } from '../domain/manifest.ts'
import type { ScanReport } from '../domain/scan/scan-report.ts'
import type { ModelUser } from '../ports.ts'
import { type Registered, stateOf } from './version-rows.ts'

export interface ModelSummary {
  id: string
  name: string
  origin: 'catalogue' | 'registered'
  architecture: string
  parameter_count: number | null
  active_parameter_count: number | null
  context_length: number | null
  version_id: string
  state: ModelVersionState
  has_files: boolean
  created_at: string | null
}

export interface ModelDetail extends ModelSummary {
  facts: ModelFacts | null
  source_path: string | null
  registered_by: string | null
  conflicts: FactConflict[]
  digest: string | null
  files: ManifestFile[]
  scan: ScanReport | null
  used_by: ModelUser[]
  operation_id: string | null
}

export function toSummary({ model, version }: Registered): ModelSummary {
  return {
    id: model.id,
    name: model.name,
    origin: 'registered',
    architecture: version.architecture ?? 'unknown',
    parameter_count: version.parameter_count,
    active_parameter_count: version.active_parameter_count,
    context_length: version.context_length,
    version_id: version.id,
    state: stateOf(version),
    has_files: version.digest !== null,
    created_at: model.created_at,
  }
}

export function toDetail(registered: Registered, files: ManifestFile[], used_by: ModelUser[]): ModelDetail {
  const { model, version } = registered
  const { facts, conflicts, digest, scan, operation_id } = version
  const { source_path, registered_by } = model
  return {
    ...toSummary(registered),
    facts,
    source_path,
    registered_by,
    conflicts,
    digest,
    files,
    scan,
    used_by,
    operation_id,
  }
}

export function catalogueSummary({ model_id, version_id, name, facts }: CatalogueEntry, since: string): ModelSummary {
  const { architecture, parameter_count, active_parameter_count, context_length } = facts
  return {
    id: model_id,
    name,
    origin: 'catalogue',
    architecture,
    parameter_count,
    active_parameter_count,
    context_length,
    version_id,
    state: catalogueState(since),
    has_files: false,
    created_at: null,
  }
}

export function catalogueDetail(entry: CatalogueEntry, since: string, used_by: ModelUser[]): ModelDetail {
  return {
    ...catalogueSummary(entry, since),
    facts: entry.facts,
    source_path: null,
    registered_by: null,
    conflicts: [],
    digest: null,
    files: [],
    scan: null,
    used_by,
    operation_id: null,
  }
}
