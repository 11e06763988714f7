import type { Reason } from '@bud/kernel'
import type { OperationInput } from '../domain/records.ts'

/** Why an endpoint that is fine carries a reason: somebody wanted it otherwise and did not get it. */
export const undoneReason = (what: string, input: OperationInput, reasons: readonly Reason[]): Reason => ({
  code: `${input.kind}-undone`,
  message: `${what} failed and was undone.`,
  evidence: reasons.map((reason) => reason.message).join(' '),
  next_step: `GET /operations/${input.operation_id} shows how it went.`,
})
