/** The tables of this package, all in the schema "budtraffic" (migrations/ creates them). */
import type { GatewayReport, Upstream } from '@bud/kernel'
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  isoTimestamp,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  unique,
} from '@bud/platform/drizzle'

/** @public drizzle-kit reads it: the migration that creates the schema comes from here. */
export const budtraffic = pgSchema('budtraffic')

/**
 * One row. Whoever changes what a snapshot holds locks it, so versions are handed out in the order of the commits.
 * It starts at the time of its creation: a database made anew never repeats the versions of the one before.
 */
export const snapshotVersion = budtraffic.table('snapshot_version', {
  id: integer('id').primaryKey(),
  version: bigint('version', { mode: 'number' }).notNull(),
  changed_at: isoTimestamp('changed_at').notNull(),
})

export const routes = budtraffic.table(
  'routes',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
  },
  (table) => [unique('routes_name').on(table.project_id, table.name)],
)

export const routeBackends = budtraffic.table(
  'route_backends',
  {
    route_id: text('route_id')
      .notNull()
      .references(() => routes.id, { onDelete: 'cascade' }),
    endpoint_id: text('endpoint_id').notNull(),
    project_id: text('project_id').notNull(),
    weight: doublePrecision('weight').notNull(),
    upstreams: jsonb('upstreams').$type<Upstream[]>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.route_id, table.endpoint_id] }),
    index('route_backends_endpoint').on(table.project_id, table.endpoint_id),
  ],
)

export const inferenceKeys = budtraffic.table(
  'inference_keys',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    sha256: text('sha256').notNull().unique(),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    last_used_at: isoTimestamp('last_used_at'),
    revoked_at: isoTimestamp('revoked_at'),
  },
  (table) => [index('inference_keys_project').on(table.project_id)],
)

/** One row per finished request, as the gateway recorded it. */
export const usage = budtraffic.table(
  'usage',
  {
    id: text('id').primaryKey(),
    at: isoTimestamp('at').notNull(),
    project_id: text('project_id').notNull(),
    key_id: text('key_id').notNull(),
    route_id: text('route_id').notNull(),
    endpoint_id: text('endpoint_id').notNull(),
    upstream_id: text('upstream_id').notNull(),
    status: integer('status').notNull(),
    streamed: boolean('streamed').notNull(),
    prompt_tokens: bigint('prompt_tokens', { mode: 'number' }),
    completion_tokens: bigint('completion_tokens', { mode: 'number' }),
    ttft_ms: doublePrecision('ttft_ms'),
    duration_ms: doublePrecision('duration_ms').notNull(),
  },
  (table) => [
    index('usage_endpoint_at').on(table.endpoint_id, table.at),
    // Small and cheap to keep up: rows come in the order of their times. For finding the old ones.
    index('usage_at').using('brin', table.at),
  ],
)

/** The last word of each gateway; a row older than the lease says nothing. */
export const gateways = budtraffic.table('gateways', {
  id: text('id').primaryKey(),
  applied_version: bigint('applied_version', { mode: 'number' }).notNull(),
  in_flight: jsonb('in_flight').$type<GatewayReport['in_flight']>().notNull(),
  seen_at: isoTimestamp('seen_at').notNull(),
})
