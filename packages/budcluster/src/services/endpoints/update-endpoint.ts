/** Accepts another configuration for an endpoint: a new revision that replaces the old one under traffic. */
import { createId, type Deployment, type GpuSpec, invalidInput, type Targets, type Workload } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { parseDeployment } from '../../domain/deployment-document.ts'
import { departuresFrom } from '../../domain/deployment-edits.ts'
import { updateStepNames } from '../../domain/operation-steps.ts'
import type { ClusterRecord, EndpointRecord, OperationInput, RevisionRecord } from '../../domain/records.ts'
import type { ReleaseStatus } from '../../domain/release.ts'
import { releaseName } from '../../domain/release-name.ts'
import { validateDeployment } from '../../domain/validate-deployment.ts'
import { type Observation, observeCluster, viewCluster } from '../clusters/observe-cluster.ts'
import { type Caller, type Context, isoNow, nameOf } from '../context.ts'
import { requireApproval } from '../store/approvals.ts'
import { lockCluster, requireCluster } from '../store/clusters.ts'
import { insertRevision, listRevisions, requireEndpoint } from '../store/endpoints.ts'
import { holdingsOf, replaceHoldings } from '../store/reservations.ts'
import { predictFor, refusal } from './assess-request.ts'
import { beginOperation, lockIdleEndpoint } from './begin-operation.ts'
import type { Accepted } from './create-endpoint.ts'
import { deployableModelOf } from './deployable-model-of.ts'
import { changesOnlyReplicas, planUpdate } from './plan-update.ts'
import { scaleEndpoint } from './scale-endpoint.ts'

export interface UpdateEndpoint {
  /** With or without its outer key. */
  deployment?: unknown
  approval_id?: string | undefined
}

interface Wanted {
  deployment: Deployment
  approval_id: string | null
  /** What the approval was searched for; undefined, without one: the endpoint's stay. */
  goal: { targets: Targets; workload: Workload | null } | undefined
}

/** Only another number of replicas, and no approval: that is a scaling. Nothing else at all: the last operation is named. */
export async function updateEndpoint(
  context: Context,
  caller: Caller,
  idOrName: string,
  input: UpdateEndpoint,
): Promise<Accepted> {
  const { database, events } = context
  const endpoint = await requireEndpoint(database.query, caller.project_id, idOrName)
  const wanted = await resolveWanted(context, caller, endpoint, input)
  if (wanted.approval_id === null && (await changesOnlyReplicas(database.query, endpoint, wanted.deployment)))
    return scaleEndpoint(context, caller, endpoint.id, { replicas: wanted.deployment.replicas })
  const cluster = await requireCluster(database.query, caller.project_id, endpoint.cluster_id)
  const observation = await observeCluster(context, cluster)
  const gpu = await validateWanted(context, endpoint, cluster, observation, wanted.deployment)
  const status = await context.drivers.driverFor(cluster).releases.status(releaseName(endpoint))
  const operation = await database.transact(async (tx) => {
    await lockCluster(tx, cluster.id)
    const locked = await lockIdleEndpoint(tx, endpoint.id, 'update')
    return acceptUpdate(context, tx, { caller, endpoint: locked, cluster, observation, status, wanted, gpu })
  })
  events.publish({ project_id: caller.project_id, type: 'endpoint.changed', id: endpoint.id })
  await context.startOperation(operation)
  return { id: endpoint.id, operation_id: operation.operation_id }
}

async function resolveWanted(
  context: Context,
  caller: Caller,
  endpoint: EndpointRecord,
  input: UpdateEndpoint,
): Promise<Wanted> {
  if (input.approval_id === undefined) {
    if (input.deployment === undefined) throw invalidInput('Give the new "deployment", or the "approval_id" of one.')
    return { deployment: parseDeployment(input.deployment), approval_id: null, goal: undefined }
  }
  const { id, deployment, optimization } = await requireApproval(context, caller, input.approval_id)
  if (optimization.version_id !== endpoint.version_id || optimization.cluster_id !== endpoint.cluster_id)
    throw invalidInput(
      `Approval ${id} is for ${optimization.model_name} (${optimization.version_id}) on cluster "${optimization.cluster_name}"; endpoint "${endpoint.name}" runs ${endpoint.model_name} (${endpoint.version_id}) elsewhere. Optimise for this endpoint and approve that.`,
    )
  const asked = input.deployment === undefined ? deployment : parseDeployment(input.deployment)
  const departures = departuresFrom({ id, deployment }, asked)
  if (departures.length > 0) throw invalidInput(departures.map((reason) => reason.message).join(' '), departures)
  const { targets, workload } = optimization
  return { deployment, approval_id: id, goal: { targets, workload } }
}

async function validateWanted(
  context: Context,
  endpoint: EndpointRecord,
  cluster: ClusterRecord,
  observation: Observation,
  deployment: Deployment,
): Promise<GpuSpec> {
  const verdict = validateDeployment({
    cluster: await viewCluster(context, context.database.query, cluster, observation),
    model: await deployableModelOf(context, endpoint),
    deployment,
    gpus: context.gpus,
    check_capacity: false,
  })
  if (verdict.reasons.length > 0 || !verdict.gpu)
    throw refusal(`Endpoint "${endpoint.name}" cannot be updated.`, verdict.reasons)
  return verdict.gpu
}

interface Acceptance {
  caller: Caller
  endpoint: EndpointRecord
  cluster: ClusterRecord
  observation: Observation
  status: ReleaseStatus | undefined
  wanted: Wanted
  gpu: GpuSpec
}

async function acceptUpdate(context: Context, tx: Queryable, acceptance: Acceptance): Promise<OperationInput> {
  const { caller, endpoint, cluster, observation, status, wanted, gpu } = acceptance
  const { deployment } = wanted
  const plan = await planUpdate(tx, { endpoint, cluster, observation, status, deployment, gpu })
  if (!plan.ok) throw refusal(`Endpoint "${endpoint.name}" cannot be updated.`, plan.reasons)
  const known = await listRevisions(tx, [endpoint.id])
  const revision = newRevision(context, acceptance, Math.max(...known.map(({ number }) => number)) + 1)
  const operation: OperationInput = {
    operation_id: createId('op', context.clock.nowMs()),
    endpoint_id: endpoint.id,
    project_id: endpoint.project_id,
    kind: 'update',
    from_revision: endpoint.revision,
    to_revision: revision.number,
    from_replicas: known.find(({ number }) => number === endpoint.revision)?.deployment.replicas ?? 1,
    from_holdings: await holdingsOf(tx, endpoint.id),
    steps: plan.steps,
    ...wanted.goal,
  }
  await insertRevision(tx, endpoint.project_id, revision)
  await replaceHoldings(tx, endpoint, plan.peak)
  const steps = updateStepNames(plan.steps)
  await beginOperation(context, tx, caller, endpoint, { operation, state: 'updating', steps })
  return operation
}

function newRevision(context: Context, { caller, endpoint, wanted, gpu }: Acceptance, number: number): RevisionRecord {
  const request = { deployment: wanted.deployment, model: { facts: endpoint.facts } }
  const workload = wanted.goal ? wanted.goal.workload : endpoint.workload
  return {
    endpoint_id: endpoint.id,
    number,
    deployment: wanted.deployment,
    gpu_type: gpu.id,
    created_by: nameOf(caller),
    created_at: isoNow(context),
    approval_id: wanted.approval_id,
    predicted: workload && predictFor(context, endpoint.project_id, request, gpu, workload),
  }
}
