/** The tables of this package, all in the schema "budcluster" (migrations/ creates them). */
import type {
  Candidate,
  Deployment,
  EndpointStateName,
  EngineName,
  ModelFacts,
  Objective,
  Prediction,
  Reason,
  RejectedGroup,
  Remedy,
  SmallerSibling,
  Stage,
  Targets,
  Workload,
} from '@bud/kernel'
import {
  index,
  integer,
  isoTimestamp,
  jsonb,
  pgSchema,
  primaryKey,
  sql,
  text,
  uniqueIndex,
} from '@bud/platform/drizzle'
import type { DeploymentEdit } from '../domain/deployment-edits.ts'
import type { ClusterSpec, EndpointRecord, ModelManifest, OperationInput } from '../domain/records.ts'

/** @public drizzle-kit reads it: the migration that creates the schema comes from here. */
export const budcluster = pgSchema('budcluster')

export const clusters = budcluster.table(
  'clusters',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    stage: text('stage').$type<Stage>().notNull(),
    spec: jsonb('spec').$type<ClusterSpec>().notNull(),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    deleted_at: isoTimestamp('deleted_at'),
  },
  (table) => [uniqueIndex('clusters_name').on(table.project_id, table.name).where(sql`deleted_at is null`)],
)

export const endpoints = budcluster.table(
  'endpoints',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    name: text('name').notNull(),
    cluster_id: text('cluster_id')
      .notNull()
      .references(() => clusters.id),
    model_id: text('model_id').notNull(),
    model_name: text('model_name').notNull(),
    version_id: text('version_id').notNull(),
    facts: jsonb('facts').$type<ModelFacts>().notNull(),
    manifest: jsonb('manifest').$type<ModelManifest>(),
    state: text('state').$type<EndpointStateName>().notNull(),
    state_since: isoTimestamp('state_since').notNull(),
    state_reasons: jsonb('state_reasons').$type<Reason[]>().notNull(),
    revision: integer('revision').notNull(),
    targets: jsonb('targets').$type<Targets>().notNull(),
    workload: jsonb('workload').$type<Workload>(),
    operation_id: text('operation_id').notNull(),
    active_operation: jsonb('active_operation').$type<OperationInput>(),
    published: jsonb('published').$type<EndpointRecord['published']>().notNull(),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    deleted_at: isoTimestamp('deleted_at'),
  },
  (table) => [
    uniqueIndex('endpoints_name').on(table.project_id, table.name).where(sql`deleted_at is null`),
    index('endpoints_cluster').on(table.cluster_id).where(sql`deleted_at is null`),
  ],
)

export const revisions = budcluster.table(
  'revisions',
  {
    endpoint_id: text('endpoint_id')
      .notNull()
      .references(() => endpoints.id),
    number: integer('number').notNull(),
    project_id: text('project_id').notNull(),
    deployment: jsonb('deployment').$type<Deployment>().notNull(),
    gpu_type: text('gpu_type').notNull(),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
    approval_id: text('approval_id'),
    predicted: jsonb('predicted').$type<Prediction>(),
  },
  (table) => [primaryKey({ columns: [table.endpoint_id, table.number] })],
)

/** The ledger of GPUs: written only while the cluster's row is locked. */
export const reservations = budcluster.table(
  'reservations',
  {
    endpoint_id: text('endpoint_id')
      .notNull()
      .references(() => endpoints.id),
    node: text('node').notNull(),
    cluster_id: text('cluster_id')
      .notNull()
      .references(() => clusters.id),
    project_id: text('project_id').notNull(),
    gpus: integer('gpus').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.endpoint_id, table.node] }),
    index('reservations_cluster').on(table.cluster_id),
  ],
)

/** What a search found: the part of an optimisation that is kept as one document. */
export interface OptimizationResult {
  method: string
  searched: number
  elapsed_ms: number
  feasible: boolean
  candidates: Candidate[]
  nearest_misses: Candidate[]
  rejected: RejectedGroup[]
  /** Not in what earlier versions found, nor is what follows. */
  pareto?: Candidate[]
  sibling?: SmallerSibling | null
  confidence?: number
  /** In the order of `nearest_misses`. */
  remedies?: Remedy[][]
  /** What was asked, where it was. */
  runtimes?: EngineName[] | undefined
  allow_quantization?: boolean | undefined
  memory_headroom?: number | undefined
}

export const optimizations = budcluster.table(
  'optimizations',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    model_id: text('model_id').notNull(),
    model_name: text('model_name').notNull(),
    version_id: text('version_id').notNull(),
    cluster_id: text('cluster_id').notNull(),
    cluster_name: text('cluster_name').notNull(),
    endpoint_id: text('endpoint_id'),
    workload: jsonb('workload').$type<Workload>().notNull(),
    targets: jsonb('targets').$type<Targets>().notNull(),
    objective: text('objective').$type<Objective>().notNull(),
    result: jsonb('result').$type<OptimizationResult>().notNull(),
    created_by: text('created_by').notNull(),
    created_at: isoTimestamp('created_at').notNull(),
  },
  (table) => [index('optimizations_project').on(table.project_id, table.created_at)],
)

/** Never changed or removed: approving again adds another. */
export const approvals = budcluster.table(
  'approvals',
  {
    id: text('id').primaryKey(),
    project_id: text('project_id').notNull(),
    optimization_id: text('optimization_id')
      .notNull()
      .references(() => optimizations.id),
    approved_by: text('approved_by').notNull(),
    approved_at: isoTimestamp('approved_at').notNull(),
    deployment: jsonb('deployment').$type<Deployment>().notNull(),
    edits: jsonb('edits').$type<DeploymentEdit[]>().notNull(),
  },
  (table) => [index('approvals_optimization').on(table.optimization_id)],
)
