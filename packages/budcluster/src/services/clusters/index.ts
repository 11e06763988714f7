import type { Caller, Context } from '../context.ts'
import { listClusters, requireCluster } from '../store/clusters.ts'
import { type CreateCluster, createCluster } from './create-cluster.ts'
import { deleteCluster } from './delete-cluster.ts'
import { describeCluster } from './describe-cluster.ts'
import { ensureDemoCluster } from './ensure-demo-cluster.ts'
import { updateCluster } from './update-cluster.ts'

/** Clusters are named by id or name everywhere. */
export const createClusterServices = (context: Context) => ({
  list: async (caller: Caller) => {
    const clusters = await listClusters(context.database.query, caller.project_id)
    return Promise.all(clusters.map((cluster) => describeCluster(context, cluster)))
  },
  get: async (caller: Caller, idOrName: string) =>
    describeCluster(context, await requireCluster(context.database.query, caller.project_id, idOrName)),
  create: (caller: Caller, input: CreateCluster) => createCluster(context, caller, input),
  update: (caller: Caller, idOrName: string, change: Parameters<typeof updateCluster>[3]) =>
    updateCluster(context, caller, idOrName, change),
  delete: (caller: Caller, idOrName: string) => deleteCluster(context, caller, idOrName),
  ensureDemoCluster: (projectId: string) => ensureDemoCluster(context, projectId),
})
