/** Rows of `clusters`; deleted ones are invisible here. */
import { notFound } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, asc, eq, isNull, or } from '@bud/platform/drizzle'
import type { ClusterRecord } from '../../domain/records.ts'
import { clusters } from '../tables.ts'

const toRecord = (row: typeof clusters.$inferSelect): ClusterRecord => ({
  id: row.id,
  project_id: row.project_id,
  name: row.name,
  stage: row.stage,
  spec: row.spec,
  created_by: row.created_by,
  created_at: row.created_at,
})

export async function requireCluster(query: Queryable, projectId: string, idOrName: string): Promise<ClusterRecord> {
  const rows = await query
    .select()
    .from(clusters)
    .where(
      and(
        eq(clusters.project_id, projectId),
        or(eq(clusters.id, idOrName), eq(clusters.name, idOrName)),
        isNull(clusters.deleted_at),
      ),
    )
  const row = rows.find((candidate) => candidate.id === idOrName) ?? rows[0]
  if (!row) throw notFound('cluster', idOrName, 'GET /clusters lists them.')
  return toRecord(row)
}

/** Of one project, or of all of them. */
export async function listClusters(query: Queryable, projectId?: string): Promise<ClusterRecord[]> {
  const rows = await query
    .select()
    .from(clusters)
    .where(and(projectId === undefined ? undefined : eq(clusters.project_id, projectId), isNull(clusters.deleted_at)))
    .orderBy(asc(clusters.created_at), asc(clusters.id))
  return rows.map(toRecord)
}

/** Serialises everything that reserves or frees GPUs on the cluster until the transaction ends. */
export async function lockCluster(tx: Queryable, id: string): Promise<void> {
  const rows = await tx
    .select({ id: clusters.id })
    .from(clusters)
    .where(and(eq(clusters.id, id), isNull(clusters.deleted_at)))
    .for('update')
  if (rows.length === 0) throw notFound('cluster', id, 'GET /clusters lists them.')
}
