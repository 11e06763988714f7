/** The ledger of GPUs. Writers hold the lock of the cluster's row. */
import type { Queryable } from '@bud/platform'
import { asc, eq } from '@bud/platform/drizzle'
import { addNodeGpus, type Holding } from '../../domain/capacity.ts'
import type { NodeGpus } from '../../domain/records.ts'
import { releaseName } from '../../domain/release-name.ts'
import { endpoints, reservations } from '../tables.ts'

export async function listHoldings(query: Queryable, clusterId: string): Promise<Holding[]> {
  const rows = await query
    .select({
      endpoint_id: reservations.endpoint_id,
      endpoint_name: endpoints.name,
      node: reservations.node,
      gpus: reservations.gpus,
    })
    .from(reservations)
    .innerJoin(endpoints, eq(endpoints.id, reservations.endpoint_id))
    .where(eq(reservations.cluster_id, clusterId))
    .orderBy(asc(endpoints.created_at), asc(reservations.node))
  return rows.map((row) => ({ ...row, release: releaseName({ id: row.endpoint_id, name: row.endpoint_name }) }))
}

export async function holdingsOf(query: Queryable, endpointId: string): Promise<NodeGpus[]> {
  return query
    .select({ node: reservations.node, gpus: reservations.gpus })
    .from(reservations)
    .where(eq(reservations.endpoint_id, endpointId))
    .orderBy(asc(reservations.node))
}

/** The endpoint holds exactly these afterwards; nothing frees everything. */
export async function replaceHoldings(
  tx: Queryable,
  endpoint: { id: string; project_id: string; cluster_id: string },
  nodes: readonly NodeGpus[],
): Promise<void> {
  await tx.delete(reservations).where(eq(reservations.endpoint_id, endpoint.id))
  const held = addNodeGpus(nodes)
  if (held.length === 0) return
  await tx.insert(reservations).values(
    held.map(({ node, gpus }) => ({
      endpoint_id: endpoint.id,
      node,
      cluster_id: endpoint.cluster_id,
      project_id: endpoint.project_id,
      gpus,
    })),
  )
}
