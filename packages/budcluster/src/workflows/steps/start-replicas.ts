/** Applies groups and waits until replicas of one of them are up, reading what schedulers and engines say when it does not come. */
import { failed, messageOf } from '@bud/kernel'
import { assessStart, type StartingReplica, type StartVerdict, startLimitMs } from '../../domain/assess-start.ts'
import type { ReleaseStatus } from '../../domain/release.ts'
import type { Group } from '../../services/apply-release.ts'
import type { Context } from '../../services/context.ts'
import { requireRevision } from '../../services/store/endpoints.ts'
import type { Report } from '../shown-step.ts'
import { applyGroups, isWithin, type Target, watchRelease } from '../target.ts'

/** Replicas of one group, from an ordinal on. */
export interface Awaited {
  group: Group
  from: number
}

/** `awaited.group` is one of `groups`. Time and restarts count from here: after a restart the wait begins anew. */
export async function startReplicas(
  context: Context,
  target: Target,
  { groups, awaited }: { groups: readonly Group[]; awaited: Awaited },
  report: Report,
): Promise<string> {
  const { clock } = context
  const { deployment } = await requireRevision(context.database.query, target.endpoint.id, awaited.group.revision)
  const limit_ms = startLimitMs(target.endpoint.facts, deployment.runtime, deployment.runtime_version)
  const wanted = awaited.group.replicas - awaited.from
  const before = await target.driver.releases.status(target.release)
  const restartsBefore = new Map(before?.replicas.map(({ id, restarts }) => [id, restarts]))
  await applyGroups(context, target, groups)
  const startedMs = clock.nowMs()
  const lastWords = new Map<string, string>()
  return watchRelease(context, target, async (status) => {
    const elapsed_ms = clock.nowMs() - startedMs
    const assess = (): StartVerdict =>
      assessStart({
        replicas: replicasOf(status, awaited, { lastWords, restartsBefore }),
        wanted,
        elapsed_ms,
        limit_ms,
      })
    const verdict = assess()
    if (verdict.state === 'failed') throw await startFailure(context, target, lastWords, assess, verdict)
    await report(verdict.message, { done: verdict.ready, total: wanted, unit: 'replicas' })
    if (verdict.state === 'waiting') return undefined
    return `${verdict.message.slice(0, -1)} after ${(elapsed_ms / 1000).toFixed(1)} s.`
  })
}

/** A replica that starts again says nothing: what it said when it crashed still holds. */
function replicasOf(
  status: ReleaseStatus | undefined,
  { group, from }: Awaited,
  { lastWords, restartsBefore }: { lastWords: Map<string, string>; restartsBefore: ReadonlyMap<string, number> },
): StartingReplica[] {
  const replicas = status?.replicas.filter((replica) => replica.ordinal >= from && isWithin(replica, [group])) ?? []
  for (const { id, message } of replicas) if (message !== null) lastWords.set(id, message)
  return replicas.map(({ id, phase, restarts, message }) => ({
    id,
    phase,
    restarts,
    restarts_before: restartsBefore.get(id) ?? 0,
    message: message ?? (restarts > 0 ? (lastWords.get(id) ?? null) : null),
  }))
}

const ERROR_LINE = /error|exception|out of memory|killed/i
const LOG_LINES = 50

/** When nobody has said why, the engines' logs may. */
async function startFailure(
  context: Context,
  { driver, release, cluster }: Target,
  lastWords: Map<string, string>,
  assess: () => StartVerdict,
  verdict: Extract<StartVerdict, { state: 'failed' }>,
): Promise<Error> {
  let { reasons } = verdict
  if (reasons.some((reason) => reason.evidence === undefined)) {
    const lines = await driver.logs.tail(release, LOG_LINES).catch((error: unknown) => {
      context.log.warn({ cluster: cluster.id }, `The logs of ${release} cannot be read: ${messageOf(error)}`)
      return []
    })
    for (const { replica_id, line } of lines) if (ERROR_LINE.test(line)) lastWords.set(replica_id, line)
    const informed = assess()
    if (informed.state === 'failed') reasons = informed.reasons
  }
  return failed(reasons.map((reason) => reason.message).join(' '), reasons)
}
