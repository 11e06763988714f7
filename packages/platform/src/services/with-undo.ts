/** A saga: steps that are taken back in reverse when a later one fails. */
import { BudError, failed, messageOf } from '@bud/kernel'
import type { Run } from '../ports.ts'

export interface UndoableStep<T> {
  effect: () => Promise<T>
  /**
   * Takes the effect back. Registered before the effect runs, because an effect that failed may have happened: it
   * must be idempotent and content with finding nothing.
   */
  undo: () => Promise<void>
}

export interface Saga {
  step<T>(name: string, step: UndoableStep<T>): Promise<T>
}

/**
 * Runs `body`; when it fails, runs the undos of the steps begun so far, the latest first, each as a durable step
 * `undo <name>`, and rejects with the body's error. An undo that fails does not stop the others; it is added to the
 * error's reasons.
 */
export async function withUndo<T>(run: Run, body: (saga: Saga) => Promise<T>): Promise<T> {
  const begun: { name: string; undo: () => Promise<void> }[] = []
  const saga: Saga = {
    step(name, { effect, undo }) {
      begun.push({ name, undo })
      return run.step(name, effect)
    },
  }
  try {
    return await body(saga)
  } catch (error) {
    const failures: { name: string; error: unknown }[] = []
    for (const { name, undo } of begun.reverse()) {
      await run.step(`undo ${name}`, undo).catch((undoError) => failures.push({ name, error: undoError }))
    }
    throw failures.length === 0 ? error : withUndoFailures(error, failures)
  }
}

function withUndoFailures(error: unknown, failures: { name: string; error: unknown }[]): BudError {
  const reasons = failures.map(({ name, error: undoError }) => ({
    code: 'undo-failed',
    message: `Taking back "${name}" failed: ${messageOf(undoError)}`,
    next_step: 'Check by hand what is left of it.',
  }))
  if (!(error instanceof BudError)) return failed(messageOf(error), reasons, error)
  return new BudError(error.code, error.message, {
    retryable: error.retryable,
    reasons: [...error.reasons, ...reasons],
    cause: error.cause,
  })
}
