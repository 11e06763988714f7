/** Applies groups and waits until one of them is up, reading what schedulers and engines say when it does not come. */
import { failed } from '@bud/kernel'
import { assessStart, startLimitMs } from '../../domain/assess-start.ts'
import type { Group } from '../../services/apply-release.ts'
import type { Context } from '../../services/context.ts'
import { requireRevision } from '../../services/store/endpoints.ts'
import type { Report } from '../shown-step.ts'
import { applyGroups, type Target, watchRelease } from '../target.ts'

/** `awaited` is one of `groups`. The time limit counts from here: after a restart the wait begins anew. */
export async function startReplicas(
  context: Context,
  target: Target,
  { groups, awaited }: { groups: readonly Group[]; awaited: Group },
  report: Report,
): Promise<string> {
  const { clock } = context
  const { deployment } = await requireRevision(context.database.query, target.endpoint.id, awaited.revision)
  const limit_ms = startLimitMs(target.endpoint.facts, deployment.runtime, deployment.runtime_version)
  await applyGroups(context, target, groups)
  const startedMs = clock.nowMs()
  return watchRelease(context, target, async (status) => {
    const elapsed_ms = clock.nowMs() - startedMs
    const replicas = status?.replicas.filter((replica) => replica.revision === awaited.revision) ?? []
    const verdict = assessStart({ replicas, wanted: awaited.replicas, elapsed_ms, limit_ms })
    if (verdict.state === 'failed')
      throw failed(verdict.reasons.map((reason) => reason.message).join(' '), verdict.reasons)
    await report(verdict.message, { done: verdict.ready, total: awaited.replicas, unit: 'replicas' })
    if (verdict.state === 'waiting') return undefined
    return `${verdict.message.slice(0, -1)} after ${(elapsed_ms / 1000).toFixed(1)} s.`
  })
}
