/**
 * An endpoint goes: traffic first, then the requests under way, then the replicas, then the GPUs and the name.
 * Key: the operation's id; the endpoint's row is the lock. Nothing is undone: what failed can be asked for again, and
 * finds less to do.
 */

import { reasonsOf } from '@bud/kernel'
import type { Flow, Run } from '@bud/platform'
import type { OperationInput } from '../domain/records.ts'
import { concludeOperation } from '../services/conclude-operation.ts'
import type { Context } from '../services/context.ts'
import { withdrawUpstreams } from '../services/publish-upstreams.ts'
import { shownStep } from './shown-step.ts'
import { freeGpus } from './steps/free-gpus.ts'
import { removeRelease } from './steps/remove-release.ts'
import { drainReplicas } from './steps/stop-replicas.ts'
import { loadTarget } from './target.ts'

export const createDeleteFlow = (context: Context): Flow<OperationInput, void> => ({
  name: 'budcluster.delete',
  async body(run, input) {
    try {
      await takeDown(context, run, input)
    } catch (error) {
      const reasons = reasonsOf(error)
      await run.step('conclude', () =>
        concludeOperation(context, input, {
          result: 'failed',
          reasons,
          state: 'failed',
          state_reasons: [
            {
              code: 'delete-unfinished',
              message: 'It could not be deleted completely.',
              evidence: reasons.map((reason) => reason.message).join(' '),
              next_step: 'Delete it again: what is left is removed then.',
            },
          ],
        }),
      )
      return
    }
    await run.step('conclude', () =>
      concludeOperation(context, input, { result: 'succeeded', reasons: [], state: 'deleted' }),
    )
  },
})

async function takeDown(context: Context, run: Run, input: OperationInput): Promise<void> {
  const version = await run.step(
    'withdraw',
    shownStep(context, input, 'withdraw', async () => {
      const value = await withdrawUpstreams(context, input)
      return { value, message: `No new requests from snapshot ${value} on.` }
    }),
  )
  await run.step(
    'drain',
    shownStep(context, input, 'drain', async (report) => {
      const target = await loadTarget(context, input)
      return { value: null, message: await drainReplicas(context, target, { kept: [], version }, report) }
    }),
  )
  await run.step(
    'remove',
    shownStep(context, input, 'remove', async () => {
      await removeRelease(context, await loadTarget(context, input))
      return { value: null, message: 'The release and its replicas are gone.' }
    }),
  )
  await run.step(
    'release',
    shownStep(context, input, 'release', async () => {
      await freeGpus(context, input)
      return { value: null, message: 'Its GPUs are free.' }
    }),
  )
}
