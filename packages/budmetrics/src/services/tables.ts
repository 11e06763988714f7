/** The tables of this package, all in the schema "budmetrics" (migrations/ creates them). */
import type { AlertRule, EngineName, MetricName } from '@bud/kernel'
import {
  doublePrecision,
  index,
  integer,
  isoTimestamp,
  jsonb,
  primaryKey,
  sql,
  text,
  uniqueIndex,
} from '@bud/platform/drizzle'
import type { StoredBucket } from '../domain/buckets.ts'
import { metricsSchema } from './schema.ts'

const buckets = (name: string) => jsonb(name).$type<StoredBucket[]>().notNull()

/** One row an endpoint and minute; a minute written in two parts (a restart) is their sum. */
export const minutes = metricsSchema.table(
  'minutes',
  {
    endpoint_id: text('endpoint_id').notNull(),
    minute: isoTimestamp('minute').notNull(),
    project_id: text('project_id').notNull(),
    engine: text('engine').$type<EngineName>().notNull(),
    covered_s: doublePrecision('covered_s').notNull(),
    prompt_tokens: doublePrecision('prompt_tokens').notNull(),
    generation_tokens: doublePrecision('generation_tokens').notNull(),
    ttft: buckets('ttft'),
    tpot: buckets('tpot'),
    itl: buckets('itl'),
    e2e: buckets('e2e'),
    running_max: doublePrecision('running_max'),
    waiting_max: doublePrecision('waiting_max'),
    kv_usage_max: doublePrecision('kv_usage_max'),
    gpu_percent_sum: doublePrecision('gpu_percent_sum').notNull(),
    gpu_samples: integer('gpu_samples').notNull(),
  },
  (table) => [primaryKey({ columns: [table.endpoint_id, table.minute] }), index('minutes_by_age').on(table.minute)],
)

/** What people have set for one metric of one endpoint; null: not set. */
export const ruleSettings = metricsSchema.table(
  'rule_settings',
  {
    endpoint_id: text('endpoint_id').notNull(),
    metric: text('metric').$type<MetricName>().notNull(),
    project_id: text('project_id').notNull(),
    target: doublePrecision('target'),
    threshold: doublePrecision('threshold'),
    for_s: integer('for_s'),
    min_samples: integer('min_samples'),
    edited_by: text('edited_by'),
    updated_at: isoTimestamp('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.endpoint_id, table.metric] })],
)

export const alerts = metricsSchema.table(
  'alerts',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    endpoint_id: text('endpoint_id').notNull(),
    endpoint_name: text('endpoint_name').notNull(),
    metric: text('metric').$type<MetricName>().notNull(),
    state: text('state').$type<'pending' | 'firing' | 'resolved'>().notNull(),
    rule: jsonb('rule').$type<AlertRule>().notNull(),
    value: doublePrecision('value').notNull(),
    message: text('message').notNull(),
    pending_at: isoTimestamp('pending_at').notNull(),
    firing_at: isoTimestamp('firing_at'),
    resolved_at: isoTimestamp('resolved_at'),
    clear_since: isoTimestamp('clear_since'),
    unknown_since: isoTimestamp('unknown_since'),
    evaluated_at: isoTimestamp('evaluated_at').notNull(),
  },
  (table) => [
    uniqueIndex('alerts_open').on(table.endpoint_id, table.metric).where(sql`state <> 'resolved'`),
    index('alerts_by_project').on(table.project_id, table.pending_at),
  ],
)
