/** Which models one replica of which would fit on which cluster, for the registry to filter by and to show. */
import type { ClusterFits } from '@bud/budmodel'
import { smallestLayout } from '@bud/budsim'
import { Deployment, type ModelFacts } from '@bud/kernel'
import type { NodeView } from '../domain/capacity.ts'
import { placeReplicas } from '../domain/place-replicas.ts'
import type { ClusterView } from '../domain/validate-deployment.ts'
import { observeCluster, viewCluster } from './clusters/observe-cluster.ts'
import type { Context } from './context.ts'
import { listClusters, requireCluster } from './store/clusters.ts'

type ClusterFit = Awaited<ReturnType<ClusterFits['of']>>[number]

/** A conversation's length: what does not even hold that is of no use. */
const CONTEXT_TOKENS = 8192
const SEQUENCES = 16

export function createClusterFits(context: Context): ClusterFits {
  const view = async (cluster: Parameters<typeof observeCluster>[1]) =>
    viewCluster(context, context.database.query, cluster, await observeCluster(context, cluster))
  return {
    async of(projectId, facts) {
      const views = (await listClusters(context.database.query, projectId)).map(view)
      return (await Promise.all(views)).map((cluster) => fitOn(context, cluster, facts))
    },
    async on(projectId, idOrName, facts) {
      const cluster = await view(await requireCluster(context.database.query, projectId, idOrName))
      return facts.map((model) => fitOn(context, cluster, model).fits)
    },
  }
}

/** On the first type of GPU, fewest GPUs first, that takes one replica. */
function fitOn(context: Pick<Context, 'gpus'>, cluster: ClusterView, facts: ModelFacts): ClusterFit {
  const allFree = cluster.nodes.map((node) => ({ ...node, gpus_free: node.ready ? node.gpu_count : 0, used_by: [] }))
  const layouts = [...new Set(cluster.nodes.map(({ gpu_type }) => gpu_type))]
    .flatMap((gpu_type) => layoutOn(context, gpu_type, facts))
    .toSorted((a, b) => a.resources.gpu_count - b.resources.gpu_count)
  const places = (nodes: NodeView[]) => (deployment: Deployment) =>
    placeReplicas({
      cluster_name: cluster.name,
      nodes,
      gpu_type: deployment.resources.gpu_type,
      deployment,
      replicas: 1,
    }).placed !== null
  const chosen = layouts.find(places(allFree))
  return {
    cluster_id: cluster.id,
    cluster_name: cluster.name,
    fits: chosen !== undefined,
    fits_now: layouts.some(places(cluster.nodes)),
    gpu_type: chosen?.resources.gpu_type ?? null,
    gpu_count: chosen?.resources.gpu_count ?? null,
  }
}

function layoutOn({ gpus }: Pick<Context, 'gpus'>, gpu_type: string | null, facts: ModelFacts): Deployment[] {
  const [gpu] = gpu_type === null ? [] : gpus.resolve(gpu_type)
  if (gpu_type === null || !gpu) return []
  const deployment = Deployment.parse({
    runtime: 'vllm',
    config: {
      max_model_len: Math.min(facts.context_length ?? CONTEXT_TOKENS, CONTEXT_TOKENS),
      max_num_seqs: SEQUENCES,
    },
    resources: { gpu_type, gpu_count: 1 },
  })
  const found = smallestLayout({ facts, gpu, deployment })
  return found ? [found.deployment] : []
}
