/** Compares what should be with what is, over all projects, and mends or shows the difference. Called again and again. */
import { messageOf, type Reason } from '@bud/kernel'
import type { ClusterRecord, EndpointRecord } from '../domain/records.ts'
import type { ReleaseStatus } from '../domain/release.ts'
import { releaseName } from '../domain/release-name.ts'
import type { Context } from './context.ts'
import { endBrokenOff } from './end-broken-off.ts'
import { reconcileEndpoint, showUnknown } from './reconcile-endpoint.ts'
import { listClusters } from './store/clusters.ts'
import { listEndpoints, listWantedReplicas } from './store/endpoints.ts'

/** Every fault is logged and does not keep the rest from being looked at. */
export async function reconcile(context: Context): Promise<void> {
  await attendOperations(context)
  const clusters = await listClusters(context.database.query)
  await Promise.all(
    clusters.map((cluster) =>
      reconcileCluster(context, cluster).catch((error: unknown) => {
        context.log.error({ err: error, cluster: cluster.id }, `Cluster "${cluster.name}" could not be reconciled.`)
      }),
    ),
  )
}

/**
 * A process may die between writing an operation down and starting its flow: it is started again. Flows that were
 * started go on by themselves; one that has ended while its endpoint is still held broke off.
 */
async function attendOperations(context: Context): Promise<void> {
  const busy = await listEndpoints(context.database.query, { busy: true })
  const inputs = busy.flatMap(({ active_operation }) => active_operation ?? [])
  for (const input of inputs) {
    if (await context.flows.isOver(input.operation_id)) {
      await endBrokenOff(context, input)
      continue
    }
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
  if (typeof releases === 'string') return showUnknown(context, endpoints, unreachable(cluster, releases))
  const byName = new Map(releases.map((release) => [release.name, release]))
  const wanted = await listWantedReplicas(query, cluster.id)
  for (const endpoint of endpoints)
    await reconcileEndpoint(context, {
      endpoint,
      driver,
      wanted: wanted.get(endpoint.id) ?? 0,
      status: byName.get(releaseName(endpoint)),
    })
  await removeOrphans(context, cluster, releases, endpoints)
  const keep = endpoints.flatMap(({ manifest }) => (manifest ? [manifest.digest] : []))
  await driver.staging.collect({ keep, unused_for_ms: context.settings.cache_unused_for_ms })
}

const unreachable = (cluster: ClusterRecord, evidence: string): Reason => ({
  code: 'cluster-unreachable',
  message: `Cluster "${cluster.name}" does not answer, so nothing is known about its replicas.`,
  evidence,
  next_step: 'Traffic still goes to the replicas known last.',
})

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
