/**
 * From an accepted deployment to traffic: validate → transfer → start → verify → route.
 *
 * Its key is the operation's id, and the endpoint's row names that operation until it is concluded: nothing else works
 * on the endpoint meanwhile. Traffic comes last, so whatever fails before has hurt nobody. What fails is undone in
 * reverse: traffic, release, GPUs. Files already in the cluster's cache stay until nobody has asked for them for long.
 */

import { reasonsOf } from '@bud/kernel'
import { type Flow, type Run, withUndo } from '@bud/platform'
import type { OperationInput } from '../domain/records.ts'
import type { Group } from '../services/apply-release.ts'
import { concludeOperation, settledHoldings } from '../services/conclude-operation.ts'
import type { Context } from '../services/context.ts'
import { moveEndpoint } from '../services/move-endpoint.ts'
import { withdrawUpstreams } from '../services/publish-upstreams.ts'
import { requireRevision } from '../services/store/endpoints.ts'
import { shownStep, shownUndo } from './shown-step.ts'
import { checkAgain } from './steps/check-again.ts'
import { freeGpus } from './steps/free-gpus.ts'
import { removeRelease } from './steps/remove-release.ts'
import { routeReplicas } from './steps/route-replicas.ts'
import { startReplicas } from './steps/start-replicas.ts'
import { transferModel } from './steps/transfer-model.ts'
import { verifyReplicas } from './steps/verify-replicas.ts'
import { loadTarget, type Target } from './target.ts'

export const createDeployFlow = (context: Context): Flow<OperationInput, void> => ({
  name: 'budcluster.deploy',
  async body(run, input) {
    try {
      await deploy(context, run, input)
    } catch (error) {
      const reasons = reasonsOf(error)
      const conclusion = { result: 'failed', state: 'failed', reasons, state_reasons: reasons } as const
      await run.step('conclude', () => concludeOperation(context, input, conclusion))
      return
    }
    await run.step('conclude', async () => {
      const { group, gpusPerReplica, ...target } = await loadDeployment(context, input)
      const holdings = await settledHoldings(context, target, group.replicas * gpusPerReplica)
      await concludeOperation(context, input, { result: 'succeeded', state: 'ready', reasons: [], holdings })
    })
  },
})

async function deploy(context: Context, run: Run, input: OperationInput): Promise<void> {
  const nothing = async () => {}
  await withUndo(run, async (saga) => {
    await saga.step('validate', {
      effect: shownStep(context, input, 'validate', async () => ({
        value: null,
        message: await checkAgain(context, await loadTarget(context, input)),
      })),
      undo: shownUndo(context, input, 'validate', () => freeGpus(context, input)),
    })
    await saga.step('transfer', {
      effect: shownStep(context, input, 'transfer', async (report) => {
        await moveEndpoint(context, input, 'transferring')
        return transferModel(context, await loadTarget(context, input), report)
      }),
      undo: nothing,
    })
    await saga.step('start', {
      effect: shownStep(context, input, 'start', async (report) => {
        await moveEndpoint(context, input, 'starting')
        const { group, ...target } = await loadDeployment(context, input)
        return {
          value: null,
          message: await startReplicas(context, target, { groups: [group], awaited: { group, from: 0 } }, report),
        }
      }),
      undo: shownUndo(context, input, 'start', async () => removeRelease(context, await loadTarget(context, input))),
    })
    await run.step(
      'verify',
      shownStep(context, input, 'verify', async (report) => {
        await moveEndpoint(context, input, 'verifying')
        const { group, ...target } = await loadDeployment(context, input)
        const every = { revision: group.revision, from: 0, to: group.replicas }
        return { value: null, message: await verifyReplicas(context, target, every, report) }
      }),
    )
    await saga.step('route', {
      effect: shownStep(context, input, 'route', async () => {
        const { group, ...target } = await loadDeployment(context, input)
        const version = await routeReplicas(context, target, [group])
        return { value: null, message: `Traffic for "${target.endpoint.name}" flows from snapshot ${version} on.` }
      }),
      undo: shownUndo(context, input, 'route', async () => {
        await withdrawUpstreams(context, input)
      }),
    })
  })
}

async function loadDeployment(
  context: Context,
  input: OperationInput,
): Promise<Target & { group: Group; gpusPerReplica: number }> {
  const target = await loadTarget(context, input)
  const { revision } = target.endpoint
  const { deployment } = await requireRevision(context.database.query, input.endpoint_id, revision)
  return {
    ...target,
    group: { revision, replicas: deployment.replicas },
    gpusPerReplica: deployment.resources.gpu_count,
  }
}
