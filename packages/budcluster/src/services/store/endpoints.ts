/** Rows of `endpoints` and `revisions`; deleted endpoints are invisible here. */
import { conflict, type EndpointStateName, notFound, type Reason } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, asc, eq, inArray, isNotNull, isNull, or, sql } from '@bud/platform/drizzle'
import { assertTransition } from '../../domain/endpoint-state.ts'
import type { EndpointRecord, RevisionRecord } from '../../domain/records.ts'
import { endpoints, revisions } from '../tables.ts'

const toRecord = (row: typeof endpoints.$inferSelect): EndpointRecord => ({
  id: row.id,
  project_id: row.project_id,
  name: row.name,
  cluster_id: row.cluster_id,
  model_id: row.model_id,
  model_name: row.model_name,
  version_id: row.version_id,
  facts: row.facts,
  manifest: row.manifest,
  state: { name: row.state, since: row.state_since, reasons: row.state_reasons },
  revision: row.revision,
  targets: row.targets,
  workload: row.workload,
  operation_id: row.operation_id,
  active_operation: row.active_operation,
  published: row.published,
  created_by: row.created_by,
  created_at: row.created_at,
})

const alive = isNull(endpoints.deleted_at)

export async function findEndpoint(
  query: Queryable,
  projectId: string,
  idOrName: string,
): Promise<EndpointRecord | undefined> {
  const rows = await query
    .select()
    .from(endpoints)
    .where(
      and(eq(endpoints.project_id, projectId), or(eq(endpoints.id, idOrName), eq(endpoints.name, idOrName)), alive),
    )
  const row = rows.find((candidate) => candidate.id === idOrName) ?? rows[0]
  return row && toRecord(row)
}

export async function requireEndpoint(query: Queryable, projectId: string, idOrName: string): Promise<EndpointRecord> {
  const found = await findEndpoint(query, projectId, idOrName)
  if (!found) throw notFound('endpoint', idOrName, 'GET /endpoints lists them.')
  return found
}

export interface EndpointFilter {
  project_id?: string
  cluster_id?: string
  model_id?: string
  version_id?: string
  /** Only those with an operation under way. */
  busy?: true
}

export async function listEndpoints(query: Queryable, filter: EndpointFilter): Promise<EndpointRecord[]> {
  const equal = <Column extends 'project_id' | 'cluster_id' | 'model_id' | 'version_id'>(column: Column) => {
    const value = filter[column]
    return value === undefined ? undefined : eq(endpoints[column], value)
  }
  const rows = await query
    .select()
    .from(endpoints)
    .where(
      and(
        alive,
        equal('project_id'),
        equal('cluster_id'),
        equal('model_id'),
        equal('version_id'),
        filter.busy ? isNotNull(endpoints.active_operation) : undefined,
      ),
    )
    .orderBy(asc(endpoints.created_at), asc(endpoints.id))
  return rows.map(toRecord)
}

/** The row as it is now, locked until the transaction ends; undefined when it is deleted. */
export async function lockEndpoint(tx: Queryable, id: string): Promise<EndpointRecord | undefined> {
  const [row] = await tx
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.id, id), alive))
    .for('update')
  return row && toRecord(row)
}

/** Checks the state machine; the same state again only replaces the reasons and keeps `since`. */
export async function setEndpointState(
  tx: Queryable,
  endpoint: EndpointRecord,
  name: EndpointStateName,
  now: string,
  reasons: readonly Reason[] = [],
): Promise<void> {
  assertTransition(endpoint.state.name, name)
  await tx
    .update(endpoints)
    .set({
      state: name,
      state_reasons: [...reasons],
      ...(endpoint.state.name === name ? {} : { state_since: now }),
    })
    .where(eq(endpoints.id, endpoint.id))
}

export async function changeEndpoint(
  tx: Queryable,
  id: string,
  change: Partial<
    Pick<EndpointRecord, 'revision' | 'targets' | 'workload' | 'operation_id' | 'active_operation' | 'published'>
  > & {
    deleted_at?: string
  },
): Promise<void> {
  await tx.update(endpoints).set(change).where(eq(endpoints.id, id))
}

const toRevision = (row: typeof revisions.$inferSelect): RevisionRecord => ({
  endpoint_id: row.endpoint_id,
  number: row.number,
  deployment: row.deployment,
  gpu_type: row.gpu_type,
  created_by: row.created_by,
  created_at: row.created_at,
  approval_id: row.approval_id,
  predicted: row.predicted,
})

/** Of these endpoints, oldest first. */
export async function listRevisions(query: Queryable, endpointIds: readonly string[]): Promise<RevisionRecord[]> {
  if (endpointIds.length === 0) return []
  const rows = await query
    .select()
    .from(revisions)
    .where(inArray(revisions.endpoint_id, [...endpointIds]))
    .orderBy(asc(revisions.number))
  return rows.map(toRevision)
}

/** By endpoint: how many replicas the revision in force is to have. */
export async function listWantedReplicas(query: Queryable, clusterId: string): Promise<Map<string, number>> {
  const rows = await query
    .select({ id: endpoints.id, replicas: sql<number>`(${revisions.deployment} ->> 'replicas')::int` })
    .from(endpoints)
    .innerJoin(revisions, and(eq(revisions.endpoint_id, endpoints.id), eq(revisions.number, endpoints.revision)))
    .where(and(eq(endpoints.cluster_id, clusterId), alive))
  return new Map(rows.map(({ id, replicas }) => [id, replicas]))
}

export async function requireRevision(query: Queryable, endpointId: string, number: number): Promise<RevisionRecord> {
  const [row] = await query
    .select()
    .from(revisions)
    .where(and(eq(revisions.endpoint_id, endpointId), eq(revisions.number, number)))
  if (!row) throw notFound('revision', `${endpointId}/${number}`)
  return toRevision(row)
}

/** Idempotent by endpoint and number. */
export async function insertRevision(tx: Queryable, projectId: string, revision: RevisionRecord): Promise<void> {
  await tx
    .insert(revisions)
    .values({ ...revision, project_id: projectId })
    .onConflictDoNothing()
}

export async function changeRevision(
  tx: Queryable,
  endpointId: string,
  number: number,
  change: Pick<RevisionRecord, 'deployment' | 'predicted'>,
): Promise<void> {
  await tx
    .update(revisions)
    .set(change)
    .where(and(eq(revisions.endpoint_id, endpointId), eq(revisions.number, number)))
}

/** Throws conflict when the name was taken meanwhile (on another cluster, whose lock does not help). */
export async function insertEndpoint(tx: Queryable, { state, ...endpoint }: EndpointRecord): Promise<void> {
  const inserted = await tx
    .insert(endpoints)
    .values({ ...endpoint, state: state.name, state_since: state.since, state_reasons: state.reasons })
    .onConflictDoNothing({ target: [endpoints.project_id, endpoints.name], where: sql`deleted_at is null` })
    .returning({ id: endpoints.id })
  if (inserted.length > 0) return
  const message = `Endpoint "${endpoint.name}" exists already.`
  throw conflict(message, [{ code: 'name-taken', message, path: 'name', next_step: 'Choose another name.' }])
}
