/** The tables of this package, all in the schema "budmodel" (adapters/migrations creates them). */
import type { ModelFacts, ModelVersionStateName, Reason } from '@bud/kernel'
import {
  bigint,
  index,
  integer,
  isoTimestamp,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  uniqueIndex,
} from '@bud/platform/drizzle'
import type { Claims, FactConflict } from '../domain/facts/claims.ts'
import type { ScanReport } from '../domain/scan/scan-report.ts'

export const budmodel = pgSchema('budmodel')

export const models = budmodel.table(
  'models',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    source_path: text('source_path').notNull(),
    registered_by: text('registered_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('models_name').on(table.project_id, table.name),
    index('models_newest').on(table.project_id, table.id),
  ],
)

/** Immutable once imported, but for the state. `architecture` to `context_length`: claimed, until the files tell. */
export const versions = budmodel.table(
  'versions',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    model_id: text('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    number: integer('number').notNull(),
    state: text('state').$type<ModelVersionStateName>().notNull(),
    state_since: isoTimestamp('state_since').notNull(),
    state_reasons: jsonb('state_reasons').$type<Reason[]>().notNull().default([]),
    operation_id: text('operation_id').notNull(),
    claims: jsonb('claims').$type<Claims>().notNull(),
    architecture: text('architecture'),
    parameter_count: bigint('parameter_count', { mode: 'number' }),
    active_parameter_count: bigint('active_parameter_count', { mode: 'number' }),
    context_length: integer('context_length'),
    facts: jsonb('facts').$type<ModelFacts>(),
    conflicts: jsonb('conflicts').$type<FactConflict[]>().notNull().default([]),
    digest: text('digest'),
    scan: jsonb('scan').$type<ScanReport>(),
  },
  (table) => [uniqueIndex('versions_number').on(table.model_id, table.number), index('versions_state').on(table.state)],
)

/** The manifest, a row per file. */
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
  },
  (table) => [primaryKey({ columns: [table.version_id, table.path] })],
)

/** Files sent over HTTP that wait to become a model. `model_id`: the registration that took them. */
export const uploads = budmodel.table(
  'uploads',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    model_id: text('model_id'),
  },
  (table) => [index('uploads_age').on(table.created_at)],
)
