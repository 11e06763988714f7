/** Accepts a deployment: checks it, reserves its GPUs and writes it down in one transaction, then starts the work. */
import { createId } from '@bud/kernel'
import { DEPLOY_STEPS } from '../../domain/operation-steps.ts'
import { observeCluster } from '../clusters/observe-cluster.ts'
import { type Caller, type Context, isoNow, nameOf } from '../context.ts'
import { lockCluster } from '../store/clusters.ts'
import { insertEndpoint, insertRevision } from '../store/endpoints.ts'
import { replaceHoldings } from '../store/reservations.ts'
import { assessRequest, predictFor, refusal } from './assess-request.ts'
import { type CreateEndpoint, resolveRequest } from './deployment-request.ts'

export interface Accepted {
  id: string
  operation_id: string
}

/** Two requests for the last GPUs: the cluster's row is locked, so the second sees what the first has taken. */
export async function createEndpoint(context: Context, caller: Caller, input: CreateEndpoint): Promise<Accepted> {
  const { database, clock, operations, events } = context
  const request = await resolveRequest(context, caller, input)
  const observation = await observeCluster(context, request.cluster)
  const { project_id } = caller
  const created_by = nameOf(caller)
  const id = createId('ep', clock.nowMs())
  const operation = {
    operation_id: createId('op', clock.nowMs()),
    endpoint_id: id,
    project_id,
    kind: 'deploy' as const,
  }
  await database.transact(async (tx) => {
    await lockCluster(tx, request.cluster.id)
    const { name, reasons, gpu, placement } = await assessRequest(context, tx, project_id, request, observation)
    const { facts, manifest } = request.model
    if (reasons.length > 0 || !gpu || !facts) throw refusal(`Endpoint "${name}" cannot be deployed.`, reasons)
    const created_at = isoNow(context)
    await insertEndpoint(tx, {
      id,
      project_id,
      name,
      cluster_id: request.cluster.id,
      model_id: request.model.model_id,
      model_name: request.model.name,
      version_id: request.model.version_id,
      facts,
      manifest,
      state: { name: 'validating', since: created_at, reasons: [] },
      revision: 1,
      targets: request.targets,
      workload: request.workload,
      operation_id: operation.operation_id,
      active_operation: operation,
      published: [],
      created_by,
      created_at,
    })
    await insertRevision(tx, project_id, {
      endpoint_id: id,
      number: 1,
      deployment: request.deployment,
      gpu_type: gpu.id,
      created_by,
      created_at,
      approval_id: request.approval_id,
      predicted: request.workload && predictFor(context, project_id, request, gpu, request.workload),
    })
    await replaceHoldings(tx, { id, project_id, cluster_id: request.cluster.id }, placement)
    await operations.create(
      { id: operation.operation_id, project_id, kind: 'deploy', subject_id: id, created_by, steps: DEPLOY_STEPS },
      tx,
    )
  })
  events.publish({ project_id, type: 'endpoint.changed', id })
  await context.startOperation(operation)
  return { id, operation_id: operation.operation_id }
}
