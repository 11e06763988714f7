import type { OperationInput } from '../../domain/records.ts'
import type { Context } from '../../services/context.ts'
import { lockCluster } from '../../services/store/clusters.ts'
import { findEndpoint } from '../../services/store/endpoints.ts'
import { replaceHoldings } from '../../services/store/reservations.ts'

/** The endpoint holds nothing any more. Idempotent. */
export async function freeGpus({ database, events }: Context, input: OperationInput): Promise<void> {
  const endpoint = await findEndpoint(database.query, input.project_id, input.endpoint_id)
  if (!endpoint) return
  await database.transact(async (tx) => {
    await lockCluster(tx, endpoint.cluster_id)
    await replaceHoldings(tx, endpoint, [])
  })
  events.publish({ project_id: endpoint.project_id, type: 'cluster.changed', id: endpoint.cluster_id })
}
