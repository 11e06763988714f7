import { BudError, type GpuSpec, type Prediction, type Reason, reasonsOf } from '@bud/kernel'
import type { EndpointRecord } from '../../domain/records.ts'
import { releaseName } from '../../domain/release-name.ts'
import { type Observation, observeCluster } from '../clusters/observe-cluster.ts'
import type { Caller, Context } from '../context.ts'
import { requireEndpoint } from '../store/endpoints.ts'
import { assessRequest, predictFor } from './assess-request.ts'
import { type CreateEndpoint, type DeploymentRequest, resolveRequest } from './deployment-request.ts'
import { changesOnlyReplicas, planUpdate } from './plan-update.ts'

export interface Validation {
  ok: boolean
  reasons: Reason[]
  warnings: Reason[]
  prediction: Prediction | null
}

export interface ValidateEndpoint extends CreateEndpoint {
  /** Id or name, when this would be an update of it. */
  endpoint?: string | undefined
}

/** Says everything that would stop the deployment; changes nothing. */
export async function validateEndpoint(context: Context, caller: Caller, input: ValidateEndpoint): Promise<Validation> {
  const { query } = context.database
  try {
    const updated =
      input.endpoint === undefined ? undefined : await requireEndpoint(query, caller.project_id, input.endpoint)
    const request = await resolveRequest(context, caller, input)
    const observation = await observeCluster(context, request.cluster)
    const verdict = await assessRequest(context, query, caller.project_id, request, observation, updated)
    const { gpu } = verdict
    const update =
      updated && gpu && verdict.reasons.length === 0
        ? await assessUpdate(context, updated, { request, observation, gpu })
        : { reasons: [], warnings: [] }
    const reasons = [...verdict.reasons, ...update.reasons]
    return {
      ok: reasons.length === 0,
      reasons,
      warnings: [...verdict.warnings, ...update.warnings],
      prediction: predictFor(context, caller.project_id, request, gpu, request.workload),
    }
  } catch (error) {
    if (!(error instanceof BudError) || error.code === 'internal') throw error
    return { ok: false, reasons: reasonsOf(error), warnings: [], prediction: null }
  }
}

/** How the new configuration would take over from the one in force, or why it cannot. */
async function assessUpdate(
  context: Context,
  endpoint: EndpointRecord,
  { request, observation, gpu }: { request: DeploymentRequest; observation: Observation; gpu: GpuSpec },
): Promise<Pick<Validation, 'reasons' | 'warnings'>> {
  const { query } = context.database
  const { cluster, deployment } = request
  if (request.approval_id === null && (await changesOnlyReplicas(query, endpoint, deployment)))
    return { reasons: [], warnings: [] }
  const status = await context.drivers.driverFor(cluster).releases.status(releaseName(endpoint))
  const plan = await planUpdate(query, { endpoint, cluster, observation, status, deployment, gpu })
  return plan.ok
    ? { reasons: [], warnings: [{ code: 'rolling-update', message: plan.summary }] }
    : { reasons: plan.reasons, warnings: [] }
}
