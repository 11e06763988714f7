/**
 * More or fewer replicas of the revision in force. Key: the operation's id; the endpoint's row is the lock.
 *
 * Up: start → verify → route, so that traffic meets only replicas that have answered. Down: route → drain → remove, so
 * that no request is cut. When it fails the endpoint goes back to the replicas it had, the same way.
 */

import { reasonsOf } from '@bud/kernel'
import { type Flow, type Run, withUndo } from '@bud/platform'
import type { OperationInput } from '../domain/records.ts'
import type { Group } from '../services/apply-release.ts'
import { concludeOperation, settledHoldings } from '../services/conclude-operation.ts'
import type { Context } from '../services/context.ts'
import { requireRevision } from '../services/store/endpoints.ts'
import { shownStep, shownUndo } from './shown-step.ts'
import { growReplicas } from './steps/grow-replicas.ts'
import { routeReplicas } from './steps/route-replicas.ts'
import { startReplicas } from './steps/start-replicas.ts'
import { drainReplicas, stopReplicas, waitUntilGone } from './steps/stop-replicas.ts'
import { verifyReplicas } from './steps/verify-replicas.ts'
import { applyGroups, loadTarget, type Target } from './target.ts'
import { holdingsAfterUndo, undoneReason } from './undone-reason.ts'

const silent = async () => {}

export const createScaleFlow = (context: Context): Flow<OperationInput, void> => ({
  name: 'budcluster.scale',
  async body(run, input) {
    const { from_replicas: from = 0, to_replicas: to = 0 } = input
    try {
      await (to > from ? scaleUp(context, run, input, { from, to }) : scaleDown(context, run, input, { from, to }))
    } catch (error) {
      const reasons = reasonsOf(error)
      const outcome = { what: `Scaling from ${from} to ${to} replicas`, now: `the number wanted is ${from} again` }
      await run.step('conclude', async () =>
        concludeOperation(context, input, {
          result: 'failed',
          reasons,
          state: 'ready',
          state_reasons: [undoneReason(outcome, input, reasons)],
          holdings: await holdingsAfterUndo(context, input, reasons),
        }),
      )
      return
    }
    await run.step('conclude', async () => {
      const target = await loadTarget(context, input)
      const { deployment } = await requireRevision(context.database.query, input.endpoint_id, target.endpoint.revision)
      const holdings = await settledHoldings(context, target, to * deployment.resources.gpu_count)
      const conclusion = { result: 'succeeded', reasons: [], state: 'ready', replicas: to, holdings } as const
      await concludeOperation(context, input, conclusion)
    })
  },
})

interface Change {
  from: number
  to: number
}

async function scaleUp(context: Context, run: Run, input: OperationInput, { from, to }: Change): Promise<void> {
  const load = () => loadGroups(context, input, from, to)
  await withUndo(run, async (saga) => {
    await saga.step('start', {
      effect: shownStep(context, input, 'start', async (report) => {
        const { target, after } = await load()
        const awaited = { group: after, from }
        return { value: null, message: await startReplicas(context, target, { groups: [after], awaited }, report) }
      }),
      undo: shownUndo(context, input, 'start', async () => {
        const { target, before } = await load()
        await stopReplicas(context, target, [before], silent)
      }),
    })
    await run.step(
      'verify',
      shownStep(context, input, 'verify', async (report) => {
        const { target, after } = await load()
        const added = { revision: after.revision, from, to }
        return { value: null, message: await verifyReplicas(context, target, added, report) }
      }),
    )
    await run.step(
      'route',
      shownStep(context, input, 'route', async () => {
        const { target, after } = await load()
        const version = await routeReplicas(context, target, [after])
        return { value: null, message: `Traffic goes to ${to} replicas from snapshot ${version} on.` }
      }),
    )
  })
}

async function scaleDown(context: Context, run: Run, input: OperationInput, { from, to }: Change): Promise<void> {
  const load = () => loadGroups(context, input, from, to)
  await withUndo(run, async (saga) => {
    const version = await saga.step('route', {
      effect: shownStep(context, input, 'route', async () => {
        const { target, after } = await load()
        const value = await routeReplicas(context, target, [after])
        return { value, message: `Traffic goes to ${to} replicas only, from snapshot ${value} on.` }
      }),
      undo: shownUndo(context, input, 'route', async () => {
        const { target, before } = await load()
        await growReplicas(context, target, { groups: [before], grown: before, from: to }, silent)
      }),
    })
    await run.step(
      'drain',
      shownStep(context, input, 'drain', async (report) => {
        const { target, after } = await load()
        return { value: null, message: await drainReplicas(context, target, { kept: [after], version }, report) }
      }),
    )
    await run.step(
      'remove',
      shownStep(context, input, 'remove', async () => {
        const { target, after } = await load()
        await applyGroups(context, target, [after])
        await waitUntilGone(context, target, [after])
        return { value: null, message: `${from - to} of ${from} replicas removed.` }
      }),
    )
  })
}

async function loadGroups(
  context: Context,
  input: OperationInput,
  from: number,
  to: number,
): Promise<{ target: Target; before: Group; after: Group }> {
  const target = await loadTarget(context, input)
  const { revision } = target.endpoint
  return { target, before: { revision, replicas: from }, after: { revision, replicas: to } }
}
