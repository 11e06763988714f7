/** Sends traffic to the ready replicas of some groups, and to no others: one new snapshot. */
import { notFound } from '@bud/kernel'
import type { Group } from '../../services/apply-release.ts'
import type { Context } from '../../services/context.ts'
import { publishUpstreams } from '../../services/publish-upstreams.ts'
import { isWithin, type Target } from '../target.ts'

/** How long the gateways may take to hear of it; one that is away learns of it when it is back. */
const APPLIED_WITHIN_MS = 5_000

/** The snapshot's version, which every live gateway then has: a request right after this finds the route. */
export async function routeReplicas(context: Context, target: Target, groups: readonly Group[]): Promise<number> {
  const { endpoint, driver, release } = target
  const version = await publishUpstreams(context, endpoint, async () => {
    const status = await driver.releases.status(release)
    return status?.replicas.filter((replica) => replica.phase === 'ready' && isWithin(replica, groups)) ?? []
  })
  if (version === undefined) throw notFound('endpoint', endpoint.id)
  await context.routePublisher.waitDrained({ upstream_ids: [], version, timeout_ms: APPLIED_WITHIN_MS })
  return version
}
