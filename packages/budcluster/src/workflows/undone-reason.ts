/** What an endpoint is left with when an operation on it has failed and its steps were taken back, or not all of them. */
import type { Reason } from '@bud/kernel'
import type { NodeGpus, OperationInput } from '../domain/records.ts'
import { settledHoldings } from '../services/conclude-operation.ts'
import type { Context } from '../services/context.ts'
import { loadTarget } from './target.ts'

/** Why an endpoint that is fine carries a reason: somebody wanted it otherwise and did not get it. */
export function undoneReason(
  { what, now }: { what: string; now: string },
  input: OperationInput,
  reasons: readonly Reason[],
): Reason {
  const undone = isUndone(reasons)
  return {
    code: `${input.kind}-${undone ? 'undone' : 'not-undone'}`,
    message: `${what} failed and ${undone ? 'was undone' : 'could not be undone completely'}; ${now}.`,
    evidence: reasons.map((reason) => reason.message).join(' '),
    next_step: `GET /operations/${input.operation_id} shows how it went.`,
  }
}

/** What it held before, on the nodes that the cluster chose on the way back; as it is where replicas may be left. */
export async function holdingsAfterUndo(
  context: Context,
  input: OperationInput,
  reasons: readonly Reason[],
): Promise<NodeGpus[] | undefined> {
  if (!isUndone(reasons)) return undefined
  const before = input.from_holdings ?? []
  const gpus = before.reduce((sum, held) => sum + held.gpus, 0)
  return (await settledHoldings(context, await loadTarget(context, input), gpus)) ?? before
}

/** The saga reports every undo that failed under this code. */
const isUndone = (reasons: readonly Reason[]): boolean => reasons.every(({ code }) => code !== 'undo-failed')
