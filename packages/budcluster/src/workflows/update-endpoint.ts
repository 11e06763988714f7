/**
 * One configuration replaces another under traffic, in the order that was planned when the update was accepted.
 * Key: the operation's id; the endpoint's row is the lock, and the GPUs of the fullest moment stay reserved throughout.
 *
 * start-n: new replicas come up, answer, and get traffic beside the old ones. stop-n: old replicas lose traffic, finish
 * their requests, and go. Every step's undo is the step backwards, so going back loses no request either.
 */
import { BudError, reasonsOf } from '@bud/kernel'
import { type Flow, type Run, withUndo } from '@bud/platform'
import { updateStepNames } from '../domain/operation-steps.ts'
import type { OperationInput, UpdateStep } from '../domain/records.ts'
import type { Group } from '../services/apply-release.ts'
import { concludeOperation, settledHoldings } from '../services/conclude-operation.ts'
import type { Context } from '../services/context.ts'
import { moveEndpoint } from '../services/move-endpoint.ts'
import { requireRevision } from '../services/store/endpoints.ts'
import { type Report, shownStep, shownUndo } from './shown-step.ts'
import { growReplicas } from './steps/grow-replicas.ts'
import { stopReplicas } from './steps/stop-replicas.ts'
import { loadTarget } from './target.ts'
import { holdingsAfterUndo, undoneReason } from './undone-reason.ts'

const silent = async () => {}

export const createUpdateFlow = (context: Context): Flow<OperationInput, void> => ({
  name: 'budcluster.update',
  async body(run, input) {
    const { from_revision, to_revision } = requireRevisions(input)
    try {
      await replaceRevision(context, run, input)
    } catch (error) {
      const reasons = reasonsOf(error)
      const outcome = {
        what: `The update to revision ${to_revision}`,
        now: `revision ${from_revision} is in force`,
      }
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
      const { deployment } = await requireRevision(context.database.query, input.endpoint_id, to_revision)
      await concludeOperation(context, input, {
        result: 'succeeded',
        reasons: [],
        state: 'ready',
        holdings: await settledHoldings(context, target, deployment.replicas * deployment.resources.gpu_count),
        change: {
          revision: to_revision,
          ...(input.targets && { targets: input.targets }),
          ...(input.workload !== undefined && { workload: input.workload }),
        },
      })
    })
  },
})

async function replaceRevision(context: Context, run: Run, input: OperationInput): Promise<void> {
  const steps = input.steps ?? []
  const names = updateStepNames(steps)
  await withUndo(run, async (saga) => {
    try {
      let before: Shape = { old: input.from_replicas ?? 0, next: 0 }
      for (const [index, step] of steps.entries()) {
        const name = names[index] ?? step.kind
        const change = { before, after: shapeAfter(before, step) }
        await saga.step(name, {
          effect: shownStep(context, input, name, async (report) => ({
            value: null,
            message: await reshape(context, input, change, report),
          })),
          undo: shownUndo(context, input, name, async () => {
            await reshape(context, input, { before: change.after, after: change.before }, silent)
          }),
        })
        before = change.after
      }
    } catch (error) {
      await run.step('roll back', () => moveEndpoint(context, input, 'rolling-back'))
      throw error
    }
  })
}

/** How many replicas of the old and of the new revision. */
interface Shape {
  old: number
  next: number
}

const shapeAfter = (shape: Shape, step: UpdateStep): Shape =>
  step.kind === 'start' ? { ...shape, next: step.new_replicas } : { ...shape, old: step.old_replicas }

/** From one shape to the next, in which one of the two revisions has changed. */
async function reshape(
  context: Context,
  input: OperationInput,
  { before, after }: { before: Shape; after: Shape },
  report: Report,
): Promise<string> {
  const { from_revision, to_revision } = requireRevisions(input)
  const target = await loadTarget(context, input)
  const old: Group = { revision: from_revision, replicas: after.old }
  const next: Group = { revision: to_revision, replicas: after.next }
  const groups = [old, next]
  // New replicas that were there before have to be ready still: old ones are about to go in exchange.
  if (after.next > before.next)
    return growReplicas(context, target, { groups, grown: next, from: before.next, awaitedFrom: 0 }, report)
  if (after.old > before.old) return growReplicas(context, target, { groups, grown: old, from: before.old }, report)
  const drained = await stopReplicas(context, target, groups, report)
  return `${drained} ${after.old} old and ${after.next} new replicas serve.`
}

function requireRevisions({ operation_id, from_revision, to_revision }: OperationInput) {
  if (from_revision === undefined || to_revision === undefined)
    throw new BudError('internal', `Operation ${operation_id} is an update without revisions.`)
  return { from_revision, to_revision }
}
