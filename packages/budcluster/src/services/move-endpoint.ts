/** The endpoint's state while an operation has it. */
import type { EndpointStateName } from '@bud/kernel'
import type { OperationInput } from '../domain/records.ts'
import { type Context, isoNow } from './context.ts'
import { requireEndpoint, setEndpointState } from './store/endpoints.ts'

/** Idempotent: a step that runs again finds it done. */
export async function moveEndpoint(
  context: Context,
  { project_id, endpoint_id }: OperationInput,
  state: EndpointStateName,
): Promise<void> {
  const { query } = context.database
  await setEndpointState(query, await requireEndpoint(query, project_id, endpoint_id), state, isoNow(context))
  context.events.publish({ project_id, type: 'endpoint.changed', id: endpoint_id })
}
