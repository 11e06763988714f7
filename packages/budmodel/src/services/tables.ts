/** The tables of this package, all in the schema "budmodel" (adapters/migrations creates them). */
import type { ModelFacts, ModelVersionStateName, Reason } from '@bud/kernel'
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  isoTimestamp,
  jsonb,
  pgSchema,
  primaryKey,
  sql,
  text,
  unique,
  uniqueIndex,
} from '@bud/platform/drizzle'
import type { Lineage } from '../domain/card/lineage.ts'
import type { VersionCard } from '../domain/card/version-card.ts'
import type { Claims, FactConflict } from '../domain/facts/claims.ts'
import type { LicenceClass, LicenceFinding } from '../domain/licences/licence.ts'
import type { ModelModality } from '../domain/listing/modality.ts'
import type { FileCoverage, ScanReport } from '../domain/scan/scan-report.ts'

export const budmodel = pgSchema('budmodel')

/** Lexemes as they were made (domain/listing/search-terms.ts), not parsed by the database. */
const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })
const textArray = customType<{ data: string[] }>({ dataType: () => 'text[]' })

/** What lists are filtered by: of registered versions and of catalogue entries alike. */
const listed = {
  architecture: text('architecture'),
  parameter_count: bigint('parameter_count', { mode: 'number' }),
  active_parameter_count: bigint('active_parameter_count', { mode: 'number' }),
  context_length: integer('context_length'),
  modality: text('modality').$type<ModelModality>().notNull().default('text'),
  licence_id: text('licence_id'),
  licence_name: text('licence_name'),
  licence_class: text('licence_class').$type<LicenceClass>().notNull().default('unknown'),
  card_tags: textArray('card_tags').notNull().default([]),
  /** Equal for models that serve equally fast: domain/listing/shape-key.ts. */
  shape_key: text('shape_key'),
  search: tsvector('search').notNull(),
}

export const models = budmodel.table(
  'models',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    tags: textArray('tags').notNull().default([]),
    /** The version that lists show and a bare name means: domain/versions.ts. */
    shown_version_id: text('shown_version_id').notNull(),
    registered_by: text('registered_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('models_name').on(table.project_id, table.name),
    index('models_newest').on(table.project_id, table.id),
  ],
)

/** Immutable once imported, but for the state and what scans say. `listed`: claimed, until the files tell. */
export const versions = budmodel.table(
  'versions',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    model_id: text('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    number: integer('number').notNull(),
    kind: text('kind').$type<'model' | 'adapter'>().notNull().default('model'),
    state: text('state').$type<ModelVersionStateName>().notNull(),
    state_since: isoTimestamp('state_since').notNull(),
    state_reasons: jsonb('state_reasons').$type<Reason[]>().notNull().default([]),
    /** Its files are on their way out: nothing brings it back. */
    deleting: boolean('deleting').notNull().default(false),
    /** A scan is under way that does not change the state until it ends. */
    rescanning: boolean('rescanning').notNull().default(false),
    operation_id: text('operation_id').notNull(),
    source_path: text('source_path').notNull(),
    /** The source with every moving part pinned; null until it was found. */
    pinned_source: text('pinned_source'),
    registered_by: text('registered_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    claims: jsonb('claims').$type<Claims>().notNull(),
    ...listed,
    facts: jsonb('facts').$type<ModelFacts>(),
    conflicts: jsonb('conflicts').$type<FactConflict[]>().notNull().default([]),
    licence: jsonb('licence').$type<LicenceFinding>(),
    lineage: jsonb('lineage').$type<Lineage[]>().notNull().default([]),
    card: jsonb('card').$type<VersionCard>(),
    digest: text('digest'),
    file_count: integer('file_count').notNull().default(0),
    total_bytes: bigint('total_bytes', { mode: 'number' }).notNull().default(0),
    /** Names and versions of the scanners that looked last, and the digest of the policy that judged. */
    scanned_by: text('scanned_by'),
    judged_by: text('judged_by'),
  },
  (table) => [uniqueIndex('versions_number').on(table.model_id, table.number), index('versions_state').on(table.state)],
)

const { card_tags: _, search, ...listedOfVersion } = listed

/** md5 of the facts: models of one key need the same memory. */
const facts_key = text('facts_key')

/**
 * What lists are filtered and sorted by, a narrow row for each model: of its shown version. Triggers on `models` and
 * `versions` (budmodel.list_model of migration 0001) keep it; nothing else writes it. A column added here has to be
 * added there. On 10,000 models a filter takes a tenth of what joining the wide rows of the two tables takes.
 */
export const listedModels = budmodel.table(
  'listed_models',
  {
    id: text('id')
      .primaryKey()
      .references(() => models.id, { onDelete: 'cascade' }),
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    version_id: text('version_id').notNull(),
    kind: text('kind').$type<'model' | 'adapter'>().notNull(),
    state: text('state').$type<ModelVersionStateName>().notNull(),
    ...listedOfVersion,
    facts_key,
    /** The model's and its card's. */
    tags: textArray('tags').notNull(),
    /** Last: it is wide, and rows are read from their beginning. */
    search,
  },
  (table) => [
    index('listed_models_newest').on(table.project_id, table.id),
    index('listed_models_name').on(
      table.project_id,
      sql`(lower(${table.name})) collate "C"`,
      sql`(${table.name}) collate "C"`,
    ),
    index('listed_models_search').using('gin', table.search),
  ],
)

/** The last report of each version. */
export const scans = budmodel.table('scans', {
  version_id: text('version_id')
    .primaryKey()
    .references(() => versions.id, { onDelete: 'cascade' }),
  project_id: text('project_id').notNull(),
  report: jsonb('report').$type<ScanReport>().notNull(),
})

/** The manifest, a row per file, with what scanners looked at. */
export const files = budmodel.table(
  'files',
  {
    version_id: text('version_id')
      .notNull()
      .references(() => versions.id, { onDelete: 'cascade' }),
    project_id: text('project_id').notNull(),
    path: text('path').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    sha256: text('sha256').notNull(),
    format: text('format'),
    scanned: jsonb('scanned').$type<FileCoverage[]>().notNull().default([]),
  },
  (table) => [primaryKey({ columns: [table.version_id, table.path] })],
)

export const aliases = budmodel.table(
  'aliases',
  {
    model_id: text('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    alias: text('alias').$type<'staging' | 'production'>().notNull(),
    project_id: text('project_id').notNull(),
    version_id: text('version_id')
      .notNull()
      .references(() => versions.id, { onDelete: 'cascade' }),
    set_by: text('set_by').notNull(),
    set_at: isoTimestamp('set_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.model_id, table.alias] }), index('aliases_version').on(table.version_id)],
)

/** Well-known architectures, the same for every project: written anew from the reference data at each start. */
export const catalogueModels = budmodel.table('catalogue_models', {
  id: text('id').primaryKey(),
  version_id: text('version_id').notNull(),
  name: text('name').notNull(),
  ...listed,
  facts_key,
  facts: jsonb('facts').$type<ModelFacts>().notNull(),
  licence: jsonb('licence').$type<LicenceFinding>(),
  /** Where the entry's facts come from, one sentence each. */
  sources: jsonb('sources').$type<string[]>().notNull().default([]),
})

/** Quality scores of registered models and catalogue entries: `model_id` may be either's. */
export const benchmarks = budmodel.table(
  'benchmarks',
  {
    project_id: text('project_id').notNull(),
    model_id: text('model_id').notNull(),
    benchmark: text('benchmark').notNull(),
    metric: text('metric').notNull().default(''),
    source: text('source').notNull(),
    score: doublePrecision('score').notNull(),
    /** Set for scores of a version's own model card. */
    version_id: text('version_id').references(() => versions.id, { onDelete: 'cascade' }),
    recorded_by: text('recorded_by').notNull(),
    recorded_at: isoTimestamp('recorded_at').notNull(),
  },
  (table) => [
    unique('benchmarks_once')
      .on(table.project_id, table.model_id, table.version_id, table.benchmark, table.metric, table.source)
      .nullsNotDistinct(),
    index('benchmarks_score').on(table.project_id, sql`lower(${table.benchmark})`, table.score),
  ],
)

/** Files sent over HTTP that wait to become a model. `version_id`: the registration that took them. */
export const uploads = budmodel.table(
  'uploads',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    /** When something of it arrived last. */
    active_at: isoTimestamp('active_at').notNull(),
    version_id: text('version_id'),
  },
  (table) => [index('uploads_age').on(table.active_at)],
)

/** Files of an upload that were announced; a file sent in one piece has no parts. */
export const uploadFiles = budmodel.table(
  'upload_files',
  {
    upload_id: text('upload_id')
      .notNull()
      .references(() => uploads.id, { onDelete: 'cascade' }),
    project_id: text('project_id').notNull(),
    path: text('path').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    sha256: text('sha256'),
    part_bytes: bigint('part_bytes', { mode: 'number' }).notNull(),
    /** The store's name for the parts; null once the file is complete. */
    part_upload: text('part_upload'),
  },
  (table) => [primaryKey({ columns: [table.upload_id, table.path] })],
)

/** Where models may come from. Secrets are sealed. */
export const connections = budmodel.table(
  'connections',
  {
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    kind: text('kind').$type<'s3' | 'huggingface'>().notNull(),
    bucket: text('bucket'),
    endpoint: text('endpoint'),
    region: text('region'),
    path_style: boolean('path_style'),
    access_key_id: text('access_key_id'),
    sealed_secret: text('sealed_secret'),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.name] }),
    uniqueIndex('connections_bucket').on(table.project_id, table.bucket),
  ],
)

/** One row: which installation this is, so that a store of another one is recognised. */
export const installation = budmodel.table('installation', {
  id: text('id').primaryKey(),
})
