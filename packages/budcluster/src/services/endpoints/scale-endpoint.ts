import { createId } from '@bud/kernel'
import { nodeViews } from '../../domain/capacity.ts'
import { SCALE_DOWN_STEPS, SCALE_UP_STEPS } from '../../domain/operation-steps.ts'
import { planScale } from '../../domain/plan-scale.ts'
import type { OperationInput } from '../../domain/records.ts'
import { readyOrdinals } from '../../domain/release.ts'
import { releaseName } from '../../domain/release-name.ts'
import { observeCluster, requireAnswer } from '../clusters/observe-cluster.ts'
import type { Caller, Context } from '../context.ts'
import { lockCluster, requireCluster } from '../store/clusters.ts'
import { requireEndpoint, requireRevision } from '../store/endpoints.ts'
import { holdingsOf, listHoldings, replaceHoldings } from '../store/reservations.ts'
import { refusal } from './assess-request.ts'
import { beginOperation, lockIdleEndpoint } from './begin-operation.ts'
import type { Accepted } from './create-endpoint.ts'

/** More replicas: their GPUs are reserved at once. As many as there are: nothing happens, the last operation is named. */
export async function scaleEndpoint(
  context: Context,
  caller: Caller,
  idOrName: string,
  { replicas: to }: { replicas: number },
): Promise<Accepted> {
  const { database, clock, events } = context
  const found = await requireEndpoint(database.query, caller.project_id, idOrName)
  const { id, cluster_id } = found
  const cluster = await requireCluster(database.query, caller.project_id, cluster_id)
  const observation = requireAnswer(cluster, await observeCluster(context, cluster))
  const status = await context.drivers.driverFor(cluster).releases.status(releaseName(found))
  const begun = await database.transact(async (tx) => {
    await lockCluster(tx, cluster_id)
    const endpoint = await lockIdleEndpoint(tx, id, 'scale')
    const { deployment, gpu_type } = await requireRevision(tx, id, endpoint.revision)
    const held = await holdingsOf(tx, id)
    const from = deployment.replicas
    const nodes = nodeViews(observation.nodes, await listHoldings(tx, cluster_id))
    const ready = readyOrdinals(status?.replicas ?? [], endpoint.revision)
    const plan = planScale({ cluster_name: cluster.name, nodes, deployment, gpu_type, from, to, ready })
    if (plan.kind === 'none') return { operation_id: endpoint.operation_id, operation: undefined }
    if (plan.kind === 'refused') throw refusal(`Endpoint "${endpoint.name}" cannot have ${to} replicas.`, plan.reasons)
    if (plan.kind === 'up') await replaceHoldings(tx, endpoint, [...held, ...plan.added])
    const operation: OperationInput = {
      operation_id: createId('op', clock.nowMs()),
      endpoint_id: id,
      project_id: caller.project_id,
      kind: 'scale',
      from_replicas: from,
      to_replicas: to,
      from_holdings: held,
    }
    const steps = plan.kind === 'up' ? SCALE_UP_STEPS : SCALE_DOWN_STEPS
    await beginOperation(context, tx, caller, endpoint, { operation, state: 'scaling', steps })
    return { operation_id: operation.operation_id, operation }
  })
  if (begun.operation) {
    events.publish({ project_id: caller.project_id, type: 'endpoint.changed', id })
    await context.startOperation(begun.operation)
  }
  return { id, operation_id: begun.operation_id }
}
