/** The lock of an endpoint: one operation at a time, taken in the transaction that changes the endpoint. */
import { conflict, type EndpointStateName, notFound } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { assessRequest } from '../../domain/endpoint-state.ts'
import type { EndpointRecord, OperationInput } from '../../domain/records.ts'
import { type Caller, type Context, isoNow, nameOf } from '../context.ts'
import { changeEndpoint, lockEndpoint, setEndpointState } from '../store/endpoints.ts'

/** The row, locked. Throws conflict, naming the operation, while one is under way or the state forbids it. */
export async function lockIdleEndpoint(
  tx: Queryable,
  id: string,
  kind: 'scale' | 'update' | 'delete',
): Promise<EndpointRecord> {
  const endpoint = await lockEndpoint(tx, id)
  if (!endpoint) throw notFound('endpoint', id, 'GET /endpoints lists them.')
  const { active_operation: running } = endpoint
  if (running)
    throw conflict(
      `Endpoint "${endpoint.name}" (${id}) is busy: its ${running.kind} operation ${running.operation_id} is under way. Follow it at GET /operations/${running.operation_id} and ask again when it has ended.`,
      [
        {
          code: 'operation-under-way',
          message: `Operation ${running.operation_id} (${running.kind}) is under way.`,
          next_step: `GET /operations/${running.operation_id}`,
        },
      ],
    )
  const reason = assessRequest(kind, { id, name: endpoint.name, state: endpoint.state.name })
  if (reason) throw conflict(reason.message, [reason])
  return endpoint
}

/** Writes down that `operation` has the endpoint now; its flow is started after the transaction. */
export async function beginOperation(
  context: Context,
  tx: Queryable,
  caller: Caller,
  endpoint: EndpointRecord,
  { operation, state, steps }: { operation: OperationInput; state: EndpointStateName; steps: readonly string[] },
): Promise<void> {
  const { operation_id } = operation
  await setEndpointState(tx, endpoint, state, isoNow(context))
  await changeEndpoint(tx, endpoint.id, { operation_id, active_operation: operation })
  await context.operations.create(
    {
      id: operation_id,
      project_id: caller.project_id,
      kind: operation.kind,
      subject_id: endpoint.id,
      created_by: nameOf(caller),
      steps,
    },
    tx,
  )
}
