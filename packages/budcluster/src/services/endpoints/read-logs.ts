import { releaseName } from '../../domain/release-name.ts'
import type { Caller, Context } from '../context.ts'
import { requireCluster } from '../store/clusters.ts'
import { requireEndpoint } from '../store/endpoints.ts'

export async function readLogs(
  context: Context,
  caller: Caller,
  idOrName: string,
  lines: number,
): Promise<{ replica_id: string; line: string }[]> {
  const { query } = context.database
  const endpoint = await requireEndpoint(query, caller.project_id, idOrName)
  const cluster = await requireCluster(query, caller.project_id, endpoint.cluster_id)
  return context.drivers.driverFor(cluster).logs.tail(releaseName(endpoint), lines)
}
