/** Shrinks an endpoint without a failed request: traffic first, then the requests under way, then the replicas. */
import { failed } from '@bud/kernel'
import type { Group } from '../../services/apply-release.ts'
import type { Context } from '../../services/context.ts'
import type { Report } from '../shown-step.ts'
import { applyGroups, isWithin, pause, type Target, watchRelease } from '../target.ts'
import { routeReplicas } from './route-replicas.ts'

/** Waits so long at a time for gateways, so that the wait can be seen and given up. */
const DRAIN_SLICE_MS = 5_000
const GONE_LIMIT_MS = 120_000

/** Afterwards only `kept` run and get traffic. Idempotent; content with replicas that are gone already. */
export async function stopReplicas(
  context: Context,
  target: Target,
  kept: readonly Group[],
  report: Report,
): Promise<string> {
  const version = await routeReplicas(context, target, kept)
  const drained = await drainReplicas(context, target, { kept, version }, report)
  await applyGroups(context, target, kept)
  await waitUntilGone(context, target, kept)
  return drained
}

/** Waits until the replicas outside `kept` have no request under way, at most the drain limit. */
export async function drainReplicas(
  context: Context,
  target: Target,
  { kept, version }: { kept: readonly Group[]; version: number },
  report: Report,
): Promise<string> {
  const status = await target.driver.releases.status(target.release)
  const leaving = status?.replicas.filter((replica) => !isWithin(replica, kept)).map(({ id }) => id) ?? []
  if (leaving.length === 0) return 'No replica had requests under way.'
  const { clock, settings, routePublisher } = context
  const startedMs = clock.nowMs()
  const what = leaving.length === 1 ? `replica ${leaving[0]}` : `${leaving.length} replicas`
  for (;;) {
    const left = settings.drain_limit_ms - (clock.nowMs() - startedMs)
    if (left <= 0) return `Requests on ${what} were cut after ${settings.drain_limit_ms / 1000} s.`
    const timeout_ms = Math.min(left, DRAIN_SLICE_MS)
    const { drained } = await routePublisher.waitDrained({ upstream_ids: leaving, version, timeout_ms })
    if (drained)
      return `No request was under way on ${what} any more after ${((clock.nowMs() - startedMs) / 1000).toFixed(1)} s.`
    await report(`Waiting for requests under way on ${what}.`)
    await pause(context, settings.poll_ms)
  }
}

export async function waitUntilGone(context: Context, target: Target, kept: readonly Group[]): Promise<void> {
  const startedMs = context.clock.nowMs()
  await watchRelease(context, target, async (status) => {
    const left = status?.replicas.filter((replica) => !isWithin(replica, kept)) ?? []
    if (left.length === 0) return true
    if (context.clock.nowMs() - startedMs <= GONE_LIMIT_MS) return undefined
    const ids = left.map(({ id }) => id).join(', ')
    throw failed(`${ids} did not stop within ${GONE_LIMIT_MS / 1000} s.`, [
      { code: 'replicas-do-not-stop', message: `Cluster "${target.cluster.name}" still runs ${ids}.` },
    ])
  })
}
