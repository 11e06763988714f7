/**
 * One endpoint against what its cluster runs. A look at the cluster's list tells whether anything is amiss; what is done
 * about it is decided anew in the endpoint's turn, where no flow publishes or applies anything meanwhile.
 */
import type { Reason } from '@bud/kernel'
import { assessHealth, type HealthVerdict } from '../domain/assess-health.ts'
import type { EndpointRecord } from '../domain/records.ts'
import type { ReleaseStatus, ReplicaStatus } from '../domain/release.ts'
import { releaseName } from '../domain/release-name.ts'
import type { ClusterDriver } from '../ports.ts'
import { applyRelease } from './apply-release.ts'
import { type Context, isoNow } from './context.ts'
import { publishReplicas } from './publish-upstreams.ts'
import { findEndpoint, lockEndpoint, requireRevision, setEndpointState } from './store/endpoints.ts'

interface Subject {
  endpoint: EndpointRecord
  driver: ClusterDriver
  /** Of the revision in force. */
  wanted: number
  /** As listed a moment ago. */
  status: ReleaseStatus | undefined
}

export async function reconcileEndpoint(context: Context, subject: Subject): Promise<void> {
  const { endpoint, driver, status } = subject
  if (endpoint.active_operation) {
    if (lostReplicas(endpoint, status).length > 0) await dropLostReplicas(context, endpoint, driver)
    return
  }
  if (!isServing(endpoint) || isAsItShould(endpoint, healthOf(endpoint, subject.wanted, status))) return
  await context.turns.run(endpoint.id, () => mendEndpoint(context, endpoint, driver))
}

/** Shows that nothing is known about these any more; traffic stays as it is. */
export async function showUnknown(
  context: Context,
  endpoints: readonly EndpointRecord[],
  reason: Reason,
): Promise<void> {
  for (const endpoint of endpoints)
    if (!endpoint.active_operation && isServing(endpoint)) await showState(context, endpoint, 'degraded', [reason])
}

async function mendEndpoint(
  context: Context,
  { project_id, id }: EndpointRecord,
  driver: ClusterDriver,
): Promise<void> {
  const { query } = context.database
  const endpoint = await findEndpoint(query, project_id, id)
  if (!endpoint || endpoint.active_operation || !isServing(endpoint)) return
  const { deployment } = await requireRevision(query, id, endpoint.revision)
  const health = healthOf(endpoint, deployment.replicas, await driver.releases.status(releaseName(endpoint)))
  if (health.drifted) {
    context.log.warn({ endpoint: id }, `Release ${releaseName(endpoint)} is not as it should be; applying it again.`)
    await applyRelease(context, endpoint, driver, [{ revision: endpoint.revision, replicas: deployment.replicas }])
  }
  await showState(context, endpoint, health.state, health.reasons)
  if (!isRouted(endpoint, health.ready)) await publishReplicas(context, endpoint, health.ready)
}

/** While an operation decides who gets traffic, only replicas that have gone are taken out. */
const dropLostReplicas = (context: Context, { project_id, id }: EndpointRecord, driver: ClusterDriver): Promise<void> =>
  context.turns.run(id, async () => {
    const endpoint = await findEndpoint(context.database.query, project_id, id)
    if (!endpoint) return
    const status = await driver.releases.status(releaseName(endpoint))
    const lost = lostReplicas(endpoint, status)
    if (lost.length === 0) return
    const kept = status?.replicas.filter(
      (replica) => !lost.includes(replica.id) && endpoint.published.some((entry) => entry.id === replica.id),
    )
    await publishReplicas(context, endpoint, kept ?? [])
  })

const healthOf = (endpoint: EndpointRecord, wanted: number, status: ReleaseStatus | undefined): HealthVerdict =>
  assessHealth({ revision: endpoint.revision, wanted, replicas: status?.replicas })

const isServing = ({ state }: EndpointRecord): boolean => state.name === 'ready' || state.name === 'degraded'

const isAsItShould = (endpoint: EndpointRecord, health: HealthVerdict): boolean =>
  !health.drifted && isShown(endpoint, health.state, health.reasons) && isRouted(endpoint, health.ready)

const isRouted = ({ published }: EndpointRecord, ready: readonly ReplicaStatus[]): boolean =>
  published.length === ready.length &&
  ready.every(({ id, base_url }) => published.some((entry) => entry.id === id && entry.base_url === base_url))

/** Reasons left by an operation stay while the endpoint is ready. */
const isShown = ({ state }: EndpointRecord, name: 'ready' | 'degraded', reasons: readonly Reason[]): boolean =>
  state.name === name && (name === 'ready' || JSON.stringify(state.reasons) === JSON.stringify(reasons))

function lostReplicas({ published }: EndpointRecord, status: ReleaseStatus | undefined): string[] {
  const ready = new Set(status?.replicas.filter(({ phase }) => phase === 'ready').map(({ id }) => id))
  return published.map(({ id }) => id).filter((id) => !ready.has(id))
}

async function showState(
  context: Context,
  endpoint: EndpointRecord,
  state: 'ready' | 'degraded',
  reasons: readonly Reason[],
): Promise<void> {
  if (isShown(endpoint, state, reasons)) return
  const changed = await context.database.transact(async (tx) => {
    const locked = await lockEndpoint(tx, endpoint.id)
    if (!locked || locked.active_operation || !isServing(locked)) return false
    await setEndpointState(tx, locked, state, isoNow(context), reasons)
    return true
  })
  if (changed) context.events.publish({ project_id: endpoint.project_id, type: 'endpoint.changed', id: endpoint.id })
}
