import type { Targets } from '@bud/kernel'
import type { Caller, Context } from '../context.ts'
import { listEndpoints, requireEndpoint } from '../store/endpoints.ts'
import { createEndpoint } from './create-endpoint.ts'
import { deleteEndpoint } from './delete-endpoint.ts'
import type { CreateEndpoint } from './deployment-request.ts'
import { describeEndpoint, describeEndpoints } from './describe-endpoints.ts'
import { readLogs } from './read-logs.ts'
import { scaleEndpoint } from './scale-endpoint.ts'
import { setTargets } from './set-targets.ts'
import { type UpdateEndpoint, updateEndpoint } from './update-endpoint.ts'
import { type ValidateEndpoint, validateEndpoint } from './validate-endpoint.ts'

/** Endpoints are named by id or name everywhere. */
export const createEndpointServices = (context: Context) => ({
  list: async (caller: Caller) => {
    const { project_id } = caller
    return describeEndpoints(context, project_id, await listEndpoints(context.database.query, { project_id }))
  },
  get: async (caller: Caller, idOrName: string) =>
    describeEndpoint(context, await requireEndpoint(context.database.query, caller.project_id, idOrName)),
  validate: (caller: Caller, input: ValidateEndpoint) => validateEndpoint(context, caller, input),
  create: (caller: Caller, input: CreateEndpoint) => createEndpoint(context, caller, input),
  scale: (caller: Caller, idOrName: string, change: { replicas: number }) =>
    scaleEndpoint(context, caller, idOrName, change),
  update: (caller: Caller, idOrName: string, change: UpdateEndpoint) =>
    updateEndpoint(context, caller, idOrName, change),
  delete: (caller: Caller, idOrName: string) => deleteEndpoint(context, caller, idOrName),
  logs: (caller: Caller, idOrName: string, lines: number) => readLogs(context, caller, idOrName, lines),
  setTargets: (caller: Caller, idOrName: string, targets: Targets) => setTargets(context, caller, idOrName, targets),
})
