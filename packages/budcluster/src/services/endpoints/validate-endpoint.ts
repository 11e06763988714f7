import { BudError, type Prediction, type Reason } from '@bud/kernel'
import { reasonsOf } from '../../domain/reasons-of.ts'
import { observeCluster } from '../clusters/observe-cluster.ts'
import type { Caller, Context } from '../context.ts'
import { requireEndpoint } from '../store/endpoints.ts'
import { assessRequest, predictFor } from './assess-request.ts'
import { type CreateEndpoint, resolveRequest } from './deployment-request.ts'

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
    return {
      ok: verdict.reasons.length === 0,
      reasons: verdict.reasons,
      warnings: verdict.warnings,
      prediction: predictFor(context, request, verdict.gpu, request.workload),
    }
  } catch (error) {
    if (!(error instanceof BudError) || error.code === 'internal') throw error
    return { ok: false, reasons: reasonsOf(error), warnings: [], prediction: null }
  }
}
