/** Endpoints as people see them: structurally the contract's Endpoint and EndpointDetail. */
import type { Deployment, EndpointState, ReplicaPhase, Stage, Targets, Workload } from '@bud/kernel'
import { messageOf, notFound } from '@bud/kernel'
import type { ClusterRecord, EndpointRecord, RevisionRecord } from '../../domain/records.ts'
import type { ReleaseStatus } from '../../domain/release.ts'
import { releaseName } from '../../domain/release-name.ts'
import type { Context } from '../context.ts'
import { listClusters } from '../store/clusters.ts'
import { listRevisions } from '../store/endpoints.ts'

export interface EndpointDescription {
  id: string
  name: string
  model: { id: string; name: string; version_id: string }
  cluster: { id: string; name: string; stage: Stage }
  state: EndpointState
  deployment: Deployment
  revision: number
  ready_replicas: number
  replicas: {
    id: string
    revision: number
    node: string | null
    gpus: number[]
    phase: ReplicaPhase
    since: string
    message: string | null
  }[]
  gateway_url: string
  targets: Targets
  workload: Workload | null
  operation_id: string | null
  created_by: string
  created_at: string
}

export interface EndpointDetail extends EndpointDescription {
  revisions: Omit<RevisionRecord, 'endpoint_id' | 'gpu_type'>[]
}

export async function describeEndpoint(context: Context, endpoint: EndpointRecord): Promise<EndpointDetail> {
  const [detail] = await describeEndpoints(context, endpoint.project_id, [endpoint])
  if (!detail) throw notFound('endpoint', endpoint.id, 'GET /endpoints lists them.')
  return detail
}

/** Of one project. A cluster that does not answer shows no replicas; the endpoint's state says so. */
export async function describeEndpoints(
  context: Context,
  projectId: string,
  endpoints: readonly EndpointRecord[],
): Promise<EndpointDetail[]> {
  const { query } = context.database
  const clusters = new Map((await listClusters(query, projectId)).map((cluster) => [cluster.id, cluster]))
  const revisions = await listRevisions(
    query,
    endpoints.map(({ id }) => id),
  )
  const used = new Set(endpoints.map(({ cluster_id }) => cluster_id))
  const releases = await listReleases(
    context,
    [...clusters.values()].filter(({ id }) => used.has(id)),
  )
  return endpoints.flatMap((endpoint) => {
    const cluster = clusters.get(endpoint.cluster_id)
    const own = revisions.filter((revision) => revision.endpoint_id === endpoint.id)
    const current = own.find((revision) => revision.number === endpoint.revision)
    if (!cluster || !current) return []
    const status = releases.get(releaseName(endpoint))
    return [
      {
        ...describe(context, endpoint, cluster, current.deployment, status),
        revisions: own.map(({ endpoint_id: _endpoint, gpu_type: _gpu, ...revision }) => revision),
      },
    ]
  })
}

/** By release name, over all these clusters. */
async function listReleases(context: Context, clusters: readonly ClusterRecord[]): Promise<Map<string, ReleaseStatus>> {
  const lists = await Promise.all(
    clusters.map(async (cluster) => {
      try {
        return await context.drivers.driverFor(cluster).releases.list()
      } catch (error) {
        context.log.warn({ cluster: cluster.id }, `Cluster "${cluster.name}" does not answer: ${messageOf(error)}`)
        return []
      }
    }),
  )
  return new Map(lists.flat().map((release) => [release.name, release]))
}

function describe(
  context: Context,
  endpoint: EndpointRecord,
  cluster: ClusterRecord,
  deployment: Deployment,
  status: ReleaseStatus | undefined,
): EndpointDescription {
  const replicas = status?.replicas ?? []
  return {
    id: endpoint.id,
    name: endpoint.name,
    model: { id: endpoint.model_id, name: endpoint.model_name, version_id: endpoint.version_id },
    cluster: { id: cluster.id, name: cluster.name, stage: cluster.stage },
    state: endpoint.state,
    deployment,
    revision: endpoint.revision,
    ready_replicas: replicas.filter((replica) => replica.phase === 'ready').length,
    replicas: replicas.map(({ id, revision, node, gpus, phase, since, message }) => ({
      id,
      revision,
      node,
      gpus,
      phase,
      since,
      message,
    })),
    gateway_url: context.gatewayUrl(),
    targets: endpoint.targets,
    workload: endpoint.workload,
    operation_id: endpoint.operation_id,
    created_by: endpoint.created_by,
    created_at: endpoint.created_at,
  }
}
