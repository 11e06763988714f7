/** How an operation lets go of its endpoint: the last durable step of every flow. */
import { type EndpointStateName, messageOf, type Reason } from '@bud/kernel'
import { addNodeGpus } from '../domain/capacity.ts'
import type { EndpointRecord, NodeGpus, OperationInput } from '../domain/records.ts'
import type { ClusterDriver } from '../ports.ts'
import { type Context, isoNow } from './context.ts'
import { predictFor } from './endpoints/assess-request.ts'
import { lockCluster } from './store/clusters.ts'
import {
  changeEndpoint,
  changeRevision,
  findEndpoint,
  lockEndpoint,
  requireRevision,
  setEndpointState,
} from './store/endpoints.ts'
import { replaceHoldings } from './store/reservations.ts'

export interface Conclusion {
  result: 'succeeded' | 'failed'
  reasons: readonly Reason[]
  /** "deleted" ends the endpoint. */
  state: EndpointStateName | 'deleted'
  /** Why the endpoint is in that state; empty when nothing needs saying. */
  state_reasons?: readonly Reason[]
  /** What it holds from now on; left out: as it is. */
  holdings?: NodeGpus[] | undefined
  change?: Partial<Pick<EndpointRecord, 'revision' | 'targets' | 'workload'>>
  /** Replicas of the revision in force from now on. */
  replicas?: number | undefined
}

/** Idempotent: once the endpoint is let go of, only the operation's end is written again. */
export async function concludeOperation(
  context: Context,
  input: OperationInput,
  conclusion: Conclusion,
): Promise<void> {
  const { database, operations, events } = context
  const { endpoint_id, project_id, operation_id } = input
  const known = await findEndpoint(database.query, project_id, endpoint_id)
  if (known) {
    await database.transact(async (tx) => {
      await lockCluster(tx, known.cluster_id)
      const endpoint = await lockEndpoint(tx, endpoint_id)
      if (endpoint?.active_operation?.operation_id !== operation_id) return
      if (conclusion.holdings) await replaceHoldings(tx, endpoint, conclusion.holdings)
      await changeEndpoint(tx, endpoint_id, {
        ...conclusion.change,
        active_operation: null,
        ...(conclusion.state === 'deleted' ? { deleted_at: isoNow(context) } : {}),
      })
      if (conclusion.state !== 'deleted')
        await setEndpointState(tx, endpoint, conclusion.state, isoNow(context), conclusion.state_reasons)
      if (conclusion.replicas !== undefined)
        await keepReplicas(context, tx, { ...endpoint, ...conclusion.change }, conclusion.replicas)
    })
  }
  await operations.finish(operation_id, conclusion.result, conclusion.reasons)
  events.publish({ project_id, type: 'endpoint.changed', id: endpoint_id })
  if (known) events.publish({ project_id, type: 'cluster.changed', id: known.cluster_id })
}

/** The revision says how many replicas it has now, and what is to be expected of that many. */
async function keepReplicas(
  context: Context,
  tx: Parameters<typeof changeRevision>[0],
  endpoint: EndpointRecord,
  replicas: number,
): Promise<void> {
  const revision = await requireRevision(tx, endpoint.id, endpoint.revision)
  const deployment = { ...revision.deployment, replicas }
  const predicted =
    endpoint.workload &&
    predictFor(
      context,
      endpoint.project_id,
      { deployment, model: endpoint },
      context.gpus.resolve(revision.gpu_type)[0],
      endpoint.workload,
    )
  await changeRevision(tx, endpoint.id, endpoint.revision, { deployment, predicted })
}

/**
 * The nodes that the cluster really chose, once all `gpus` are in use; undefined before, and when the cluster does not
 * answer (what is reserved stays).
 */
export async function settledHoldings(
  { log }: Context,
  { driver, release }: { driver: Pick<ClusterDriver, 'inventory'>; release: string },
  gpus: number,
): Promise<NodeGpus[] | undefined> {
  const nodes = await driver.inventory.nodes().catch((error: unknown) => {
    log.warn({ release }, `What ${release} holds stays as it was reserved: ${messageOf(error)}`)
    return []
  })
  const placed = nodes.map(({ name, allocations }) => ({
    node: name,
    gpus: allocations.filter((allocation) => allocation.release === release).length,
  }))
  return placed.reduce((sum, { gpus: used }) => sum + used, 0) === gpus ? addNodeGpus(placed) : undefined
}
