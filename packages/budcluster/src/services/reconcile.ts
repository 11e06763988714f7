/** Compares what should be with what is, over all projects, and mends or shows the difference. Called again and again. */
import { messageOf, type Reason } from '@bud/kernel'
import { assessHealth } from '../domain/assess-health.ts'
import type { ClusterRecord, EndpointRecord } from '../domain/records.ts'
import type { ReleaseStatus, ReplicaStatus } from '../domain/release.ts'
import { releaseName } from '../domain/release-name.ts'
import { applyRelease } from './apply-release.ts'
import { type Context, isoNow } from './context.ts'
import { publishUpstreams } from './publish-upstreams.ts'
import { listClusters } from './store/clusters.ts'
import { findEndpoint, listEndpoints, lockEndpoint, requireRevision, setEndpointState } from './store/endpoints.ts'

/** Every fault is logged and does not keep the rest from being looked at. */
export async function reconcile(context: Context): Promise<void> {
  await resumeLostOperations(context)
  const clusters = await listClusters(context.database.query)
  await Promise.all(
    clusters.map((cluster) =>
      reconcileCluster(context, cluster).catch((error: unknown) => {
        context.log.error({ err: error, cluster: cluster.id }, `Cluster "${cluster.name}" could not be reconciled.`)
      }),
    ),
  )
}

/** A process may die between writing an operation down and starting its flow; flows that were started go on by themselves. */
async function resumeLostOperations(context: Context): Promise<void> {
  const busy = await listEndpoints(context.database.query, { busy: true })
  const inputs = busy.flatMap(({ active_operation }) => active_operation ?? [])
  for (const input of inputs) {
    if (context.started.has(input.operation_id)) continue
    const operation = await context.operations.find(input.project_id, input.operation_id)
    if (operation?.steps.every((step) => step.state === 'pending')) await context.startOperation(input)
    else context.started.add(input.operation_id)
  }
  const known = new Set(inputs.map(({ operation_id }) => operation_id))
  for (const id of context.started) if (!known.has(id)) context.started.delete(id)
}

async function reconcileCluster(context: Context, cluster: ClusterRecord): Promise<void> {
  const { query } = context.database
  const driver = context.drivers.driverFor(cluster)
  // The releases first, the rows after: a release that is seen here had its row before it was made.
  const releases = await driver.releases.list().catch((error: unknown) => messageOf(error))
  const endpoints = await listEndpoints(query, { cluster_id: cluster.id })
  if (typeof releases === 'string') return showUnreachable(context, cluster, endpoints, releases)
  const byName = new Map(releases.map((release) => [release.name, release]))
  for (const endpoint of endpoints)
    await (endpoint.active_operation
      ? dropLostReplicas(context, endpoint, byName.get(releaseName(endpoint)))
      : reconcileEndpoint(context, endpoint, cluster, byName.get(releaseName(endpoint))))
  await removeOrphans(context, cluster, releases, endpoints)
  const keep = endpoints.flatMap(({ manifest }) => (manifest ? [manifest.digest] : []))
  await driver.staging.collect({ keep, unused_for_ms: context.settings.cache_unused_for_ms })
}

async function reconcileEndpoint(
  context: Context,
  endpoint: EndpointRecord,
  cluster: ClusterRecord,
  status: ReleaseStatus | undefined,
): Promise<void> {
  if (endpoint.state.name !== 'ready' && endpoint.state.name !== 'degraded') return
  const { deployment } = await requireRevision(context.database.query, endpoint.id, endpoint.revision)
  const health = assessHealth({
    revision: endpoint.revision,
    wanted: deployment.replicas,
    replicas: status?.replicas,
  })
  if (health.drifted && (await isIdle(context, endpoint))) {
    context.log.warn(
      { endpoint: endpoint.id },
      `Release ${releaseName(endpoint)} is not as it should be; applying it again.`,
    )
    const { revision } = endpoint
    await applyRelease(context, endpoint, context.drivers.driverFor(cluster), [
      { revision, replicas: deployment.replicas },
    ])
  }
  await showState(context, endpoint, health.state, health.reasons)
  await followReplicas(context, endpoint, health.ready)
}

/** While an operation decides who gets traffic, only replicas that have gone are taken out. */
async function dropLostReplicas(
  context: Context,
  endpoint: EndpointRecord,
  status: ReleaseStatus | undefined,
): Promise<void> {
  const ready = status?.replicas.filter((replica) => replica.phase === 'ready') ?? []
  const isLost = (published: EndpointRecord['published']) =>
    published.some(({ id }) => !ready.some((replica) => replica.id === id))
  if (!isLost(endpoint.published)) return
  await publishUpstreams(context, endpoint, async ({ published }) =>
    isLost(published) ? ready.filter((replica) => published.some(({ id }) => id === replica.id)) : undefined,
  )
}

async function followReplicas(
  context: Context,
  endpoint: EndpointRecord,
  ready: readonly ReplicaStatus[],
): Promise<void> {
  const isCurrent = ({ published }: EndpointRecord) =>
    published.length === ready.length &&
    ready.every(({ id, base_url }) => published.some((entry) => entry.id === id && entry.base_url === base_url))
  if (isCurrent(endpoint)) return
  await publishUpstreams(context, endpoint, async (now) => (now.active_operation || isCurrent(now) ? undefined : ready))
}

const isIdle = async (context: Context, { project_id, id }: EndpointRecord): Promise<boolean> =>
  (await findEndpoint(context.database.query, project_id, id))?.active_operation === null

async function showUnreachable(
  context: Context,
  cluster: ClusterRecord,
  endpoints: readonly EndpointRecord[],
  evidence: string,
): Promise<void> {
  const reason = {
    code: 'cluster-unreachable',
    message: `Cluster "${cluster.name}" does not answer, so nothing is known about its replicas.`,
    evidence,
    next_step: 'Traffic still goes to the replicas known last.',
  }
  for (const endpoint of endpoints)
    if (endpoint.state.name === 'ready' || endpoint.state.name === 'degraded')
      await showState(context, endpoint, 'degraded', [reason])
}

/** Reasons left by an operation stay while the endpoint is ready. */
async function showState(
  context: Context,
  endpoint: EndpointRecord,
  state: 'ready' | 'degraded',
  reasons: readonly Reason[],
): Promise<void> {
  const before = endpoint.state
  if (before.name === state && (state === 'ready' || JSON.stringify(before.reasons) === JSON.stringify(reasons))) return
  const changed = await context.database.transact(async (tx) => {
    const locked = await lockEndpoint(tx, endpoint.id)
    if (!locked || locked.active_operation || (locked.state.name !== 'ready' && locked.state.name !== 'degraded'))
      return false
    await setEndpointState(tx, locked, state, isoNow(context), reasons)
    return true
  })
  if (changed) context.events.publish({ project_id: endpoint.project_id, type: 'endpoint.changed', id: endpoint.id })
}

/** Releases that belong to no endpoint, or to one that has failed: they would hold GPUs for nobody. */
async function removeOrphans(
  context: Context,
  cluster: ClusterRecord,
  releases: readonly ReleaseStatus[],
  endpoints: readonly EndpointRecord[],
): Promise<void> {
  const wanted = new Set(
    endpoints
      .filter(({ state, active_operation }) => active_operation !== null || state.name !== 'failed')
      .map(releaseName),
  )
  for (const { name, endpoint_id } of releases) {
    if (wanted.has(name)) continue
    context.log.warn(
      { cluster: cluster.id, endpoint: endpoint_id },
      `Removing release ${name} from cluster "${cluster.name}": no endpoint wants it.`,
    )
    await context.drivers.driverFor(cluster).releases.remove(name)
  }
}
