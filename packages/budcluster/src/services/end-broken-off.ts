/** Ends an operation whose flow has ended without concluding it: nobody else would ever let go of its endpoint. */
import type { Reason } from '@bud/kernel'
import type { OperationInput } from '../domain/records.ts'
import { concludeOperation } from './conclude-operation.ts'
import type { Context } from './context.ts'
import { withdrawUpstreams } from './publish-upstreams.ts'
import { findEndpoint } from './store/endpoints.ts'

/** What the endpoint holds stays reserved: nobody knows how far the flow came. Only once the flow is over. */
export async function endBrokenOff(context: Context, input: OperationInput): Promise<void> {
  const { project_id, endpoint_id, operation_id, kind } = input
  const endpoint = await findEndpoint(context.database.query, project_id, endpoint_id)
  if (endpoint?.active_operation?.operation_id !== operation_id) return
  context.log.error({ endpoint: endpoint_id, operation: operation_id }, `The ${kind} of "${endpoint.name}" broke off.`)
  const serves = kind === 'scale' || kind === 'update'
  if (kind === 'deploy') await withdrawUpstreams(context, input)
  const reasons = [brokenOff(input, serves)]
  await concludeOperation(context, input, {
    result: 'failed',
    reasons,
    state: serves ? 'ready' : 'failed',
    state_reasons: reasons,
  })
}

const brokenOff = ({ operation_id, kind }: OperationInput, serves: boolean): Reason => ({
  code: 'flow-broken-off',
  message: `Its ${kind} operation ${operation_id} ended without a conclusion.`,
  next_step: serves
    ? 'It goes back to the revision and the replicas in force by itself; ask again for what you wanted.'
    : 'Delete it: what is left is removed then.',
})
