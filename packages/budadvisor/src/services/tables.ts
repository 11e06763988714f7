/** The tables of this package, all in the schema "budadvisor" (migrations/ creates them). */
import type { Observation } from '@bud/budsim'
import {
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  isoTimestamp,
  jsonb,
  pgSchema,
  primaryKey,
  text,
} from '@bud/platform/drizzle'
import type { MeasuredFigures, ObservedSubject, PredictedFigures } from '../domain/records.ts'

/** @public drizzle-kit reads it: the migration that creates the schema comes from here. */
export const advisorSchema = pgSchema('budadvisor')

export const observations = advisorSchema.table(
  'observations',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    endpoint_id: text('endpoint_id'),
    revision: integer('revision'),
    subject: jsonb('subject').$type<ObservedSubject>().notNull(),
    measured: jsonb('measured').$type<MeasuredFigures>().notNull(),
    predicted: jsonb('predicted').$type<PredictedFigures>().notNull(),
    predictor: text('predictor').notNull(),
    refinement: integer('refinement'),
    observation: jsonb('observation').$type<Observation>().notNull(),
    started_at: isoTimestamp('started_at').notNull(),
    observed_at: isoTimestamp('observed_at').notNull(),
  },
  (table) => [
    index('observations_by_project').on(table.project_id, table.observed_at),
    index('observations_by_endpoint').on(table.endpoint_id, table.observed_at),
  ],
)

/** Never changed: another look at the evidence is another version. */
export const refinements = advisorSchema.table(
  'refinements',
  {
    project_id: text('project_id').notNull(),
    number: integer('number').notNull(),
    predictor: text('predictor').notNull(),
    observations: jsonb('observations').$type<Observation[]>().notNull(),
    endpoint_ids: jsonb('endpoint_ids').$type<string[]>().notNull(),
    observed_until: isoTimestamp('observed_until').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    created_by: text('created_by').notNull(),
    reason: text('reason').notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.number] })],
)

/** Which version was put in force when, and by whom; the last one counts. `number` null: none. */
export const activations = advisorSchema.table(
  'activations',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    project_id: text('project_id').notNull(),
    number: integer('number'),
    /** A person chose: later versions do not take its place by themselves. */
    pinned: boolean('pinned').notNull(),
    activated_by: text('activated_by').notNull(),
    activated_at: isoTimestamp('activated_at').notNull(),
  },
  (table) => [index('activations_by_project').on(table.project_id, table.id)],
)

export const drifts = advisorSchema.table('drifts', {
  endpoint_id: text('endpoint_id').primaryKey(),
  project_id: text('project_id').notNull(),
  revision: integer('revision').notNull(),
  history_from: isoTimestamp('history_from').notNull(),
  drifting: boolean('drifting').notNull(),
  target: text('target').$type<'tpot' | 'ttft'>(),
  since: isoTimestamp('since'),
  from_ratio: doublePrecision('from_ratio'),
  to_ratio: doublePrecision('to_ratio'),
  changed_at: isoTimestamp('changed_at').notNull(),
})
