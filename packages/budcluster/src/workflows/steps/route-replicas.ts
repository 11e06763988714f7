/** Sends traffic to the ready replicas of some groups, and to no others: one new snapshot. */
import type { Group } from '../../services/apply-release.ts'
import type { Context } from '../../services/context.ts'
import { publishReplicas } from '../../services/publish-upstreams.ts'
import { isWithin, type Target } from '../target.ts'

/** The snapshot's version. */
export const routeReplicas = (
  context: Context,
  { endpoint, driver, release }: Target,
  groups: readonly Group[],
): Promise<number> =>
  context.turns.run(endpoint.id, async () => {
    const status = await driver.releases.status(release)
    const chosen = status?.replicas.filter((replica) => replica.phase === 'ready' && isWithin(replica, groups)) ?? []
    return publishReplicas(context, endpoint, chosen)
  })
