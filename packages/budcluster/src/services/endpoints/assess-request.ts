/** A request against the cluster and the names in use, as one verdict: the same for asking and for doing. */
import {
  type BudError,
  conflict,
  type GpuSpec,
  invalidInput,
  type Prediction,
  type Reason,
  Workload,
} from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import type { EndpointRecord } from '../../domain/records.ts'
import { endpointNameFor } from '../../domain/release-name.ts'
import { type DeploymentVerdict, validateDeployment } from '../../domain/validate-deployment.ts'
import { type Observation, viewCluster } from '../clusters/observe-cluster.ts'
import type { Context } from '../context.ts'
import { findEndpoint } from '../store/endpoints.ts'
import type { DeploymentRequest } from './deployment-request.ts'

export interface RequestVerdict extends DeploymentVerdict {
  name: string
}

/**
 * `query`: a transaction that holds the cluster's lock, when it is going to be done. `updated`: the endpoint that this
 * would change: it keeps its name, and the GPUs it holds count as free.
 */
export async function assessRequest(
  context: Context,
  query: Queryable,
  projectId: string,
  request: DeploymentRequest,
  observation: Observation,
  updated?: EndpointRecord,
): Promise<RequestVerdict> {
  const name = updated?.name ?? request.name ?? (await freeName(query, projectId, endpointNameFor(request.model.name)))
  const holder = updated ? undefined : await findEndpoint(query, projectId, name)
  const verdict = validateDeployment({
    name: { value: name, taken_by: holder && { id: holder.id, state: holder.state.name } },
    cluster: await viewCluster(context, query, request.cluster, observation, updated?.id),
    model: request.model,
    deployment: request.deployment,
    gpus: context.gpus,
    check_capacity: true,
  })
  return { ...verdict, name }
}

async function freeName(query: Queryable, projectId: string, base: string): Promise<string> {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `-${number}`
    const name = `${base.slice(0, 40 - suffix.length)}${suffix}`
    if (!(await findEndpoint(query, projectId, name))) return name
  }
}

/** At this workload, or the usual one; null where nothing can be said. */
export function predictFor(
  context: Context,
  projectId: string,
  request: Pick<DeploymentRequest, 'deployment'> & { model: Pick<DeploymentRequest['model'], 'facts'> },
  gpu: GpuSpec | undefined,
  workload: Workload | null,
): Prediction | null {
  const { facts } = request.model
  if (!facts || !gpu) return null
  return context.predictorOf(projectId).predict({
    facts,
    deployment: request.deployment,
    gpu,
    workload: workload ?? Workload.parse({}),
  })
}

/** Reasons that another moment or another name may lift. */
const CONFLICTS = new Set([
  'name-taken',
  'not-enough-gpus',
  'gpus-fragmented',
  'no-room-to-update',
  'no-ready-replica-kept',
])

/** The refusal that carries these reasons: a conflict when all of them are about what others have. */
export function refusal(what: string, reasons: readonly Reason[]): BudError {
  const message = `${what} ${reasons.map((reason) => reason.message).join(' ')}`
  return reasons.every(({ code }) => CONFLICTS.has(code)) ? conflict(message, reasons) : invalidInput(message, reasons)
}
