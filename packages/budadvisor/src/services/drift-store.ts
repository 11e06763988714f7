/** Rows of `drifts`: one an endpoint. */
import type { Queryable } from '@bud/platform'
import { eq } from '@bud/platform/drizzle'
import type { DriftRecord } from '../domain/records.ts'
import { drifts } from './tables.ts'

export async function findDrift(query: Queryable, endpointId: string): Promise<DriftRecord | undefined> {
  const [row] = await query.select().from(drifts).where(eq(drifts.endpoint_id, endpointId))
  return row
}

export const listDrifts = (query: Queryable, projectId: string): Promise<DriftRecord[]> =>
  query.select().from(drifts).where(eq(drifts.project_id, projectId))

export async function saveDrift(query: Queryable, { endpoint_id, ...drift }: DriftRecord): Promise<void> {
  await query
    .insert(drifts)
    .values({ endpoint_id, ...drift })
    .onConflictDoUpdate({ target: drifts.endpoint_id, set: drift })
}
