/** What the steps of an operation act on: the endpoint's row as it is now, its cluster's driver, its release. */
import { messageOf } from '@bud/kernel'
import { isRetryable } from '@bud/platform'
import type { ClusterRecord, EndpointRecord, OperationInput } from '../domain/records.ts'
import type { ReleaseStatus, ReplicaStatus } from '../domain/release.ts'
import { releaseName } from '../domain/release-name.ts'
import type { ClusterDriver } from '../ports.ts'
import { applyRelease, type Group } from '../services/apply-release.ts'
import type { Context } from '../services/context.ts'
import { requireCluster } from '../services/store/clusters.ts'
import { requireEndpoint } from '../services/store/endpoints.ts'

export interface Target {
  endpoint: EndpointRecord
  cluster: ClusterRecord
  driver: ClusterDriver
  release: string
}

export async function loadTarget(context: Context, input: OperationInput): Promise<Target> {
  const { query } = context.database
  const endpoint = await requireEndpoint(query, input.project_id, input.endpoint_id)
  const cluster = await requireCluster(query, input.project_id, endpoint.cluster_id)
  return { endpoint, cluster, driver: context.drivers.driverFor(cluster), release: releaseName(endpoint) }
}

/** Makes the cluster want these groups and nothing else. */
export const applyGroups = (context: Context, { endpoint, driver }: Target, groups: readonly Group[]): Promise<void> =>
  context.turns.run(endpoint.id, () => applyRelease(context, endpoint, driver, groups))

export const isWithin = (replica: Pick<ReplicaStatus, 'revision' | 'ordinal'>, groups: readonly Group[]): boolean =>
  groups.some((group) => group.revision === replica.revision && replica.ordinal < group.replicas)

/** A cluster may be silent for this long while something is awaited from it. */
const SILENCE_LIMIT_MS = 60_000

/** Looks at the release again and again until `look` has an answer; `look` throws when waiting is useless. */
export async function watchRelease<T>(
  context: Context,
  { driver, release, cluster }: Target,
  look: (status: ReleaseStatus | undefined) => Promise<T | undefined>,
): Promise<T> {
  let answeredMs = context.clock.nowMs()
  for (;;) {
    const status = await driver.releases.status(release).catch((error: unknown) => {
      if (!isRetryable(error) || context.clock.nowMs() - answeredMs > SILENCE_LIMIT_MS) throw error
      context.log.warn({ cluster: cluster.id }, `Cluster "${cluster.name}" does not answer: ${messageOf(error)}`)
      return null
    })
    if (status !== null) {
      answeredMs = context.clock.nowMs()
      const seen = await look(status)
      if (seen !== undefined) return seen
    }
    await pause(context, context.settings.poll_ms)
  }
}

/** Waits; for ever once this process lets go of its work, so that a step neither ends nor fails because of that. */
export async function pause({ clock, stopped }: Context, ms: number): Promise<void> {
  await clock.sleep(ms, stopped).catch(() => new Promise<never>(() => {}))
}
