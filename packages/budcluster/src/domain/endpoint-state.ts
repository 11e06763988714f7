/** The endpoint's state machine: which state may follow which, and what may be asked in which. */
import { BudError, type EndpointStateName, type Reason } from '@bud/kernel'
import type { OperationKind } from './records.ts'

const successors: Record<EndpointStateName, readonly EndpointStateName[]> = {
  validating: ['transferring', 'failed'],
  transferring: ['starting', 'failed'],
  starting: ['verifying', 'failed'],
  verifying: ['ready', 'failed'],
  ready: ['degraded', 'updating', 'scaling', 'deleting'],
  degraded: ['ready', 'updating', 'scaling', 'deleting'],
  updating: ['ready', 'rolling-back', 'failed'],
  scaling: ['ready', 'failed'],
  'rolling-back': ['ready', 'failed'],
  failed: ['deleting'],
  deleting: ['failed'],
}

/** Throws when `to` may not follow `from`; staying where one is is always allowed (a step that runs again). */
export function assertTransition(from: EndpointStateName, to: EndpointStateName): void {
  if (from === to || successors[from].includes(to)) return
  throw new BudError('internal', `An endpoint that is ${from} cannot become ${to}.`)
}

/** Whether `kind` may start in this state; the reason when it may not. */
export function assessRequest(
  kind: Exclude<OperationKind, 'deploy'>,
  endpoint: { id: string; name: string; state: EndpointStateName },
): Reason | undefined {
  if (kind === 'delete' || endpoint.state === 'ready' || endpoint.state === 'degraded') return undefined
  return {
    code: 'endpoint-not-serving',
    message: `Endpoint "${endpoint.name}" (${endpoint.id}) is ${endpoint.state}; to ${kind} it, it has to be ready or degraded.`,
    next_step:
      endpoint.state === 'failed' ? 'Delete it and deploy it again.' : 'Wait until the operation under way has ended.',
  }
}
