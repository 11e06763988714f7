import { createId } from '@bud/kernel'
import { DELETE_STEPS } from '../../domain/operation-steps.ts'
import type { OperationInput } from '../../domain/records.ts'
import type { Caller, Context } from '../context.ts'
import { requireEndpoint } from '../store/endpoints.ts'
import { beginOperation, lockIdleEndpoint } from './begin-operation.ts'
import type { Accepted } from './create-endpoint.ts'

/** From any state, as long as nothing else is under way: traffic goes first, then the replicas, then the GPUs. */
export async function deleteEndpoint(context: Context, caller: Caller, idOrName: string): Promise<Accepted> {
  const { database, clock, events } = context
  const { id } = await requireEndpoint(database.query, caller.project_id, idOrName)
  const operation: OperationInput = {
    operation_id: createId('op', clock.nowMs()),
    endpoint_id: id,
    project_id: caller.project_id,
    kind: 'delete',
  }
  await database.transact(async (tx) => {
    const endpoint = await lockIdleEndpoint(tx, id, 'delete')
    await beginOperation(context, tx, caller, endpoint, { operation, state: 'deleting', steps: DELETE_STEPS })
  })
  events.publish({ project_id: caller.project_id, type: 'endpoint.changed', id })
  await context.startOperation(operation)
  return { id, operation_id: operation.operation_id }
}
