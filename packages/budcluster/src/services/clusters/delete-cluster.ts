import { conflict } from '@bud/kernel'
import { eq } from '@bud/platform/drizzle'
import { type Caller, type Context, isoNow } from '../context.ts'
import { lockCluster, requireCluster } from '../store/clusters.ts'
import { listEndpoints } from '../store/endpoints.ts'
import { clusters } from '../tables.ts'

/** Refused while endpoints, failed ones included, are on it. */
export async function deleteCluster(context: Context, caller: Caller, idOrName: string): Promise<void> {
  const { database, drivers, events } = context
  const cluster = await requireCluster(database.query, caller.project_id, idOrName)
  await database.transact(async (tx) => {
    await lockCluster(tx, cluster.id)
    const users = await listEndpoints(tx, { cluster_id: cluster.id })
    if (users.length > 0)
      throw conflict(
        `Cluster "${cluster.name}" (${cluster.id}) is used by ${users.map(({ name, state }) => `${name} (${state.name})`).join(', ')}. Delete these endpoints first.`,
        users.map(({ id, name, state }) => ({
          code: 'cluster-in-use',
          message: `Endpoint "${name}" (${id}) is ${state.name} on it.`,
          next_step: `Delete endpoint "${name}".`,
        })),
      )
    await tx
      .update(clusters)
      .set({ deleted_at: isoNow(context) })
      .where(eq(clusters.id, cluster.id))
  })
  await drivers.forget(cluster)
  events.publish({ project_id: caller.project_id, type: 'cluster.changed', id: cluster.id })
}
