/** Replicas that start, prove themselves and then get traffic, beside those that serve already. */
import type { Group } from '../../services/apply-release.ts'
import type { Context } from '../../services/context.ts'
import type { Report } from '../shown-step.ts'
import type { Target } from '../target.ts'
import { routeReplicas } from './route-replicas.ts'
import { startReplicas } from './start-replicas.ts'
import { verifyReplicas } from './verify-replicas.ts'

/**
 * `grown` is one of `groups`; its ordinals below `from` are there already, and only those from `awaitedFrom` on (left
 * out: `from`) have to be ready. Idempotent.
 */
export async function growReplicas(
  context: Context,
  target: Target,
  {
    groups,
    grown,
    from,
    awaitedFrom = from,
  }: { groups: readonly Group[]; grown: Group; from: number; awaitedFrom?: number },
  report: Report,
): Promise<string> {
  const awaited = { group: grown, from: awaitedFrom }
  const started = await startReplicas(context, target, { groups, awaited }, report)
  const added = { revision: grown.revision, from, to: grown.replicas }
  const verified = await verifyReplicas(context, target, added, report)
  const version = await routeReplicas(context, target, groups)
  return `${started} ${verified} Traffic from snapshot ${version} on.`
}
