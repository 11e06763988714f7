/** What an update would come to: the same for asking and for doing. */
import type { Deployment, GpuSpec } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { nodeViews } from '../../domain/capacity.ts'
import { deploymentEdits } from '../../domain/deployment-edits.ts'
import { planRollingUpdate, type RollingUpdatePlan } from '../../domain/plan-rolling-update.ts'
import type { ClusterRecord, EndpointRecord } from '../../domain/records.ts'
import { occupiedNodes, type ReleaseStatus, readyOrdinals } from '../../domain/release.ts'
import type { Observation } from '../clusters/observe-cluster.ts'
import { listRevisions } from '../store/endpoints.ts'
import { listHoldings } from '../store/reservations.ts'

export interface PlannedUpdate {
  endpoint: EndpointRecord
  cluster: ClusterRecord
  observation: Observation
  status: ReleaseStatus | undefined
  deployment: Deployment
  gpu: GpuSpec
}

/** `query`: a transaction that holds the cluster's lock, when it is going to be done. */
export async function planUpdate(
  query: Queryable,
  { endpoint, cluster, observation, status, deployment, gpu }: PlannedUpdate,
): Promise<RollingUpdatePlan> {
  return planRollingUpdate({
    endpoint_name: endpoint.name,
    cluster_name: cluster.name,
    nodes: nodeViews(observation.nodes, await listHoldings(query, cluster.id)),
    old: occupiedNodes(status?.replicas ?? [], endpoint.revision),
    ready: readyOrdinals(status?.replicas ?? [], endpoint.revision),
    next: { deployment, gpu_type: gpu.id },
  })
}

/** Then it is a scaling, or nothing at all. */
export async function changesOnlyReplicas(
  query: Queryable,
  endpoint: EndpointRecord,
  wanted: Deployment,
): Promise<boolean> {
  const current = (await listRevisions(query, [endpoint.id])).find(({ number }) => number === endpoint.revision)
  return (
    current !== undefined &&
    deploymentEdits(current.deployment, { ...wanted, replicas: current.deployment.replicas }).length === 0
  )
}
