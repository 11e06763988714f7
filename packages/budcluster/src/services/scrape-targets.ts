/** Where measurements are to be had: the engines' own metrics, and the nodes' for GPU use. */
import { engineFacts } from '@bud/engines'
import { type Deployment, type EngineName, messageOf, type Targets } from '@bud/kernel'
import type { InventoryNode } from '../domain/capacity.ts'
import type { ClusterRecord, EndpointRecord, RevisionRecord } from '../domain/records.ts'
import type { ReleaseStatus } from '../domain/release.ts'
import { releaseName } from '../domain/release-name.ts'
import type { Context } from './context.ts'
import { listClusters } from './store/clusters.ts'
import { listEndpoints, listRevisions } from './store/endpoints.ts'

export interface ScrapeTarget {
  endpoint_id: string
  project_id: string
  endpoint_name: string
  /** Of the revision in force. */
  engine: EngineName
  engine_version: string
  /** What the endpoint is to hold, for its alert rules. */
  targets: Targets
  /** While an update changes the engine, replicas of both run together. */
  replicas: { id: string; metrics_url: string; engine: EngineName; engine_version: string }[]
  /** Indices of the endpoint's GPUs on each node. */
  nodes: { node: string; metrics_url: string; gpus: number[] }[]
}

/** Of every endpoint that has ready replicas, in all projects; clusters that do not answer are left out. */
export async function listScrapeTargets(context: Context): Promise<ScrapeTarget[]> {
  const { query } = context.database
  const endpoints = await listEndpoints(query, {})
  const revisions = await listRevisions(
    query,
    endpoints.map(({ id }) => id),
  )
  const used = new Set(endpoints.map(({ cluster_id }) => cluster_id))
  const clusters = (await listClusters(query)).filter(({ id }) => used.has(id))
  const targets = await Promise.all(clusters.map((cluster) => targetsOn(context, cluster, endpoints, revisions)))
  return targets.flat()
}

async function targetsOn(
  context: Context,
  cluster: ClusterRecord,
  endpoints: readonly EndpointRecord[],
  revisions: readonly RevisionRecord[],
): Promise<ScrapeTarget[]> {
  try {
    const { releases, inventory } = context.drivers.driverFor(cluster)
    const [list, nodes] = await Promise.all([releases.list(), inventory.nodes()])
    const byName = new Map(list.map((release) => [release.name, release]))
    return endpoints.flatMap((endpoint) => {
      const status = endpoint.cluster_id === cluster.id ? byName.get(releaseName(endpoint)) : undefined
      const own = revisions.filter(({ endpoint_id }) => endpoint_id === endpoint.id)
      return status ? toTarget(endpoint, own, status, nodes) : []
    })
  } catch (error) {
    context.log.warn({ cluster: cluster.id }, `Nothing is measured on cluster "${cluster.name}": ${messageOf(error)}`)
    return []
  }
}

function toTarget(
  endpoint: EndpointRecord,
  revisions: readonly RevisionRecord[],
  status: ReleaseStatus,
  nodes: readonly InventoryNode[],
): ScrapeTarget[] {
  const engines = new Map(revisions.map(({ number, deployment }) => [number, engineOf(deployment)]))
  const inForce = engines.get(endpoint.revision)
  const ready = status.replicas.filter((replica) => replica.phase === 'ready')
  if (ready.length === 0 || !inForce) return []
  return [
    {
      endpoint_id: endpoint.id,
      project_id: endpoint.project_id,
      endpoint_name: endpoint.name,
      ...inForce,
      targets: endpoint.targets,
      replicas: ready.map(({ id, metrics_url, revision }) => ({
        id,
        metrics_url,
        ...(engines.get(revision) ?? inForce),
      })),
      nodes: nodes.flatMap(({ name, metrics_url, allocations }) => {
        const gpus = allocations.filter(({ release }) => release === status.name).map(({ gpu }) => gpu)
        return metrics_url === null || gpus.length === 0 ? [] : [{ node: name, metrics_url, gpus }]
      }),
    },
  ]
}

const engineOf = ({ runtime, runtime_version }: Deployment): { engine: EngineName; engine_version: string } => ({
  engine: runtime,
  engine_version: engineFacts(runtime, runtime_version).version,
})
