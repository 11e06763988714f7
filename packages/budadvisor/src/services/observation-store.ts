/** Rows of `observations`. */
import { createId } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, desc, eq, inArray, isNull } from '@bud/platform/drizzle'
import type { ObservationRecord } from '../domain/records.ts'
import { observations } from './tables.ts'

/** Newest kept of each endpoint, and of what a project imported. */
const KEPT = 500

export const newObservationId = (nowMs: number): string => createId('obs', nowMs)

export async function insertObservations(query: Queryable, records: readonly ObservationRecord[]): Promise<void> {
  if (records.length > 0) await query.insert(observations).values([...records])
}

/** Newest first. */
export async function listEndpointObservations(
  query: Queryable,
  endpointId: string,
  limit: number,
): Promise<ObservationRecord[]> {
  return query
    .select()
    .from(observations)
    .where(eq(observations.endpoint_id, endpointId))
    .orderBy(desc(observations.observed_at), desc(observations.id))
    .limit(limit)
}

/** All that are kept of a project, oldest first. */
export async function listProjectObservations(query: Queryable, projectId: string): Promise<ObservationRecord[]> {
  const rows = await query
    .select()
    .from(observations)
    .where(eq(observations.project_id, projectId))
    .orderBy(observations.observed_at, observations.id)
  return rows
}

/** Lets go of the oldest of one endpoint; `null`: of what the project imported. */
export async function pruneObservations(query: Queryable, projectId: string, endpointId: string | null): Promise<void> {
  const own = and(
    eq(observations.project_id, projectId),
    endpointId === null ? isNull(observations.endpoint_id) : eq(observations.endpoint_id, endpointId),
  )
  const old = query
    .select({ id: observations.id })
    .from(observations)
    .where(own)
    .orderBy(desc(observations.observed_at), desc(observations.id))
    .offset(KEPT)
    .limit(1000)
  await query.delete(observations).where(inArray(observations.id, old))
}
