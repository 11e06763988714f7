/** A model as lists show it, from what the tables hold of it. */
import type { ModelVersionState } from '@bud/kernel'
import { catalogueState } from '../../domain/listing/catalogue.ts'
import type { FastestServing, MeasuredFigures } from '../../domain/listing/measured-figures.ts'
import type { ModelModality } from '../../domain/listing/modality.ts'
import type { VersionAlias } from '../../domain/versions.ts'
import type { catalogueModels, models, versions } from '../tables.ts'

export interface ModelSummary {
  id: string
  name: string
  origin: 'catalogue' | 'registered'
  kind: 'model' | 'adapter'
  architecture: string
  parameter_count: number | null
  active_parameter_count: number | null
  context_length: number | null
  modality: ModelModality
  licence: { id: string; name: string; class: LicenceClass } | null
  tags: string[]
  version_id: string
  version: number | null
  version_count: number
  aliases: VersionAlias[]
  state: ModelVersionState
  has_files: boolean
  measured: FastestServing | null
  created_at: string | null
}

type VersionRow = typeof versions.$inferSelect
type LicenceClass = VersionRow['licence_class']

type Listed = Pick<
  VersionRow,
  | 'architecture'
  | 'parameter_count'
  | 'active_parameter_count'
  | 'context_length'
  | 'modality'
  | 'licence_id'
  | 'licence_name'
  | 'licence_class'
  | 'shape_key'
>

export interface RegisteredModel {
  model: Pick<typeof models.$inferSelect, 'id' | 'name' | 'tags' | 'created_at'>
  version: Listed &
    Pick<VersionRow, 'id' | 'number' | 'kind' | 'state' | 'state_since' | 'state_reasons' | 'digest' | 'card_tags'>
  version_count: number
  /** Of this version. */
  aliases: VersionAlias[]
}

export type CatalogueRow = Listed &
  Pick<typeof catalogueModels.$inferSelect, 'id' | 'name' | 'version_id' | 'card_tags'>

interface Measuring {
  measured: Pick<MeasuredFigures, 'bestOf'>
  /** The GPU whose figures are asked for. */
  gpu?: string | undefined
}

export function registeredSummary(registered: RegisteredModel, measuring: Measuring): ModelSummary {
  const { model, version, version_count, aliases } = registered
  return {
    id: model.id,
    name: model.name,
    origin: 'registered',
    kind: version.kind,
    ...listedOf(version, measuring),
    tags: tagsOf(model.tags, version.card_tags),
    version_id: version.id,
    version: version.number,
    version_count,
    aliases,
    state: { name: version.state, since: version.state_since, reasons: version.state_reasons },
    has_files: version.digest !== null,
    created_at: model.created_at,
  }
}

export function catalogueSummary(row: CatalogueRow, since: string, measuring: Measuring): ModelSummary {
  return {
    id: row.id,
    name: row.name,
    origin: 'catalogue',
    kind: 'model',
    ...listedOf(row, measuring),
    tags: tagsOf(row.card_tags),
    version_id: row.version_id,
    version: null,
    version_count: 0,
    aliases: [],
    state: catalogueState(since),
    has_files: false,
    created_at: null,
  }
}

function listedOf(row: Listed, { measured, gpu }: Measuring) {
  const { licence_id: id, licence_name, licence_class, shape_key } = row
  return {
    architecture: row.architecture ?? 'unknown',
    parameter_count: row.parameter_count,
    active_parameter_count: row.active_parameter_count,
    context_length: row.context_length,
    modality: row.modality,
    licence: id === null ? null : { id, name: licence_name ?? id, class: licence_class },
    measured: shape_key === null ? null : measured.bestOf(shape_key, gpu),
  }
}

const tagsOf = (...tags: string[][]): string[] => [...new Set(tags.flat())].sort()
