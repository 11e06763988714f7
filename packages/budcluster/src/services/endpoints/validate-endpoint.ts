import { BudError, type Prediction, type Reason } from '@bud/kernel'
import { observeCluster } from '../clusters/observe-cluster.ts'
import type { Caller, Context } from '../context.ts'
import { assessRequest, predictFor } from './assess-request.ts'
import { type CreateEndpoint, reasonsOf, resolveRequest } from './deployment-request.ts'

export interface Validation {
  ok: boolean
  reasons: Reason[]
  warnings: Reason[]
  prediction: Prediction | null
}

/** Says everything that would stop the deployment; changes nothing. */
export async function validateEndpoint(context: Context, caller: Caller, input: CreateEndpoint): Promise<Validation> {
  try {
    const request = await resolveRequest(context, caller, input)
    const observation = await observeCluster(context, request.cluster)
    const verdict = await assessRequest(context, context.database.query, caller.project_id, request, observation)
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
