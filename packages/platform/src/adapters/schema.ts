/** Tables of the machine room: the visible side of long work, and answers kept for requests that are sent twice. */
import type { Reason } from '@bud/kernel'
import { foreignKey, index, integer, isoTimestamp, jsonb, pgSchema, primaryKey, text } from '../drizzle.ts'
import type { Operation, StepProgress, StepState } from '../ports.ts'

export const platformSchema = pgSchema('platform')

export const operations = platformSchema.table(
  'operations',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    kind: text('kind').notNull(),
    subject_id: text('subject_id').notNull(),
    state: text('state').$type<Operation['state']>().notNull().default('running'),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    ended_at: isoTimestamp('ended_at'),
    reasons: jsonb('reasons').$type<Reason[]>().notNull().default([]),
  },
  (table) => [
    index('operations_by_project').on(table.project_id, table.created_at),
    index('operations_by_subject').on(table.project_id, table.subject_id, table.created_at),
  ],
)

export const operationSteps = platformSchema.table(
  'operation_steps',
  {
    operation_id: text('operation_id').notNull(),
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    position: integer('position').notNull(),
    state: text('state').$type<StepState>().notNull().default('pending'),
    started_at: isoTimestamp('started_at'),
    ended_at: isoTimestamp('ended_at'),
    message: text('message'),
    progress: jsonb('progress').$type<StepProgress>(),
  },
  (table) => [
    primaryKey({ columns: [table.operation_id, table.name] }),
    foreignKey({ columns: [table.operation_id], foreignColumns: [operations.id] }).onDelete('cascade'),
  ],
)

/** One row per request that bore an idempotency key; `status` and `body` are null while it is under way. */
export const idempotencyKeys = platformSchema.table(
  'idempotency_keys',
  {
    project_id: text('project_id').notNull(),
    caller: text('caller').notNull(),
    route: text('route').notNull(),
    key: text('key').notNull(),
    digest: text('digest').notNull(),
    claim_id: text('claim_id').notNull().unique(),
    status: integer('status'),
    body: text('body'),
    created_at: isoTimestamp('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.caller, table.route, table.key] }),
    index('idempotency_keys_by_age').on(table.created_at),
  ],
)
