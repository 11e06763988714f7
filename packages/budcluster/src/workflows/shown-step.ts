/** Makes a step's effect visible in its operation: running, how far, done with which words, failed, taken back. */
import { BudError, failed, messageOf, reasonsOf } from '@bud/kernel'
import { isRetryable, type StepProgress } from '@bud/platform'
import type { OperationInput } from '../domain/records.ts'
import type { Context } from '../services/context.ts'

export type Report = (message: string, progress?: StepProgress) => Promise<void>

export interface StepResult<T> {
  value: T
  /** One sentence: what has happened, with figures. */
  message: string
  /** It did not happen, because it was not needed. */
  skipped?: true
}

/** The effect for `run.step`. Its error always carries reasons. One that is worth another try leaves the step running. */
export const shownStep =
  <T>(context: Context, input: OperationInput, step: string, effect: (report: Report) => Promise<StepResult<T>>) =>
  async (): Promise<T> => {
    const { operations } = context
    const update = (change: Parameters<typeof operations.updateStep>[2]) =>
      operations.updateStep(input.operation_id, step, change)
    await update({ state: 'running' })
    try {
      const { value, message, skipped } = await effect(
        onChangeOnly((message, progress) => update({ message, progress: progress ?? null })),
      )
      await update({ state: skipped ? 'skipped' : 'succeeded', message })
      return value
    } catch (error) {
      await update(
        isRetryable(error)
          ? { message: `${messageOf(error)} Trying again.` }
          : { state: 'failed', message: messageOf(error) },
      )
      throw withReasons(error)
    }
  }

/** The undo for a saga: marks a step that had succeeded as undone. */
export const shownUndo =
  (context: Context, input: OperationInput, step: string, undo: () => Promise<void>) => async (): Promise<void> => {
    await undo()
    const operation = await context.operations.find(input.project_id, input.operation_id)
    const state = operation?.steps.find((candidate) => candidate.name === step)?.state
    if (state === 'succeeded') await context.operations.updateStep(input.operation_id, step, { state: 'undone' })
  }

function onChangeOnly(write: Report): Report {
  let last = ''
  return async (message, progress) => {
    const now = JSON.stringify([message, progress])
    if (now === last) return
    last = now
    await write(message, progress)
  }
}

function withReasons(error: unknown): unknown {
  if (error instanceof BudError && error.reasons.length > 0) return error
  if (error instanceof BudError)
    return new BudError(error.code, error.message, {
      retryable: error.retryable,
      reasons: reasonsOf(error),
      cause: error,
    })
  return isRetryable(error) ? error : failed(messageOf(error), reasonsOf(error), error)
}
