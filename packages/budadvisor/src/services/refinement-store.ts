/** Rows of `refinements` and `activations`. */
import type { Queryable } from '@bud/platform'
import { and, desc, eq, lt, ne } from '@bud/platform/drizzle'
import type { RefinementRecord } from '../domain/records.ts'
import { activations, refinements } from './tables.ts'

/** Versions kept; the one in force always is. */
const KEPT = 100

export interface Activation {
  number: number | null
  pinned: boolean
}

/** Newest first. */
export async function listVersions(query: Queryable, projectId: string, limit: number): Promise<RefinementRecord[]> {
  return query
    .select()
    .from(refinements)
    .where(eq(refinements.project_id, projectId))
    .orderBy(desc(refinements.number))
    .limit(limit)
}

export async function findVersion(
  query: Queryable,
  projectId: string,
  number: number,
): Promise<RefinementRecord | undefined> {
  const [row] = await query
    .select()
    .from(refinements)
    .where(and(eq(refinements.project_id, projectId), eq(refinements.number, number)))
  return row
}

export async function insertVersion(query: Queryable, version: RefinementRecord): Promise<void> {
  await query.insert(refinements).values(version)
}

/** Undefined where none was ever put in force. */
export async function latestActivation(query: Queryable, projectId: string): Promise<Activation | undefined> {
  const [row] = await query
    .select({ number: activations.number, pinned: activations.pinned })
    .from(activations)
    .where(eq(activations.project_id, projectId))
    .orderBy(desc(activations.id))
    .limit(1)
  return row
}

/** The last of each project. */
export async function listActivations(query: Queryable): Promise<(Activation & { project_id: string })[]> {
  return query
    .selectDistinctOn([activations.project_id], {
      project_id: activations.project_id,
      number: activations.number,
      pinned: activations.pinned,
    })
    .from(activations)
    .orderBy(activations.project_id, desc(activations.id))
}

export async function insertActivation(
  query: Queryable,
  activation: Activation & { project_id: string; activated_by: string; activated_at: string },
): Promise<void> {
  await query.insert(activations).values(activation)
}

export async function pruneVersions(query: Queryable, projectId: string, latest: number, active: number | null) {
  await query
    .delete(refinements)
    .where(
      and(
        eq(refinements.project_id, projectId),
        lt(refinements.number, latest - KEPT + 1),
        active === null ? undefined : ne(refinements.number, active),
      ),
    )
}
