/** What was true when the deployment was accepted may not be any more when its turn comes (again). */
import { failed, unavailable } from '@bud/kernel'
import { observeCluster } from '../../services/clusters/observe-cluster.ts'
import type { Context } from '../../services/context.ts'
import { deployableModelOf } from '../../services/endpoints/deployable-model-of.ts'
import { requireRevision } from '../../services/store/endpoints.ts'
import { holdingsOf } from '../../services/store/reservations.ts'
import type { Target } from '../target.ts'

/** Throws `failed`, or `unavailable` while the cluster does not answer; says what is reserved otherwise. */
export async function checkAgain(context: Context, { endpoint, cluster }: Target): Promise<string> {
  const { query } = context.database
  const { state } = await deployableModelOf(context, endpoint)
  if (state.name !== 'available') {
    const message = `Model "${endpoint.model_name}" (${endpoint.version_id}) is ${state.name} now.`
    const evidence = state.reasons.map((reason) => reason.message).join(' ') || undefined
    throw failed(message, [{ code: `model-${state.name}`, message, evidence }])
  }
  const { unreachable_reason } = await observeCluster(context, cluster)
  if (unreachable_reason !== null) throw unavailable(`Cluster "${cluster.name}" does not answer: ${unreachable_reason}`)
  const { gpu_type } = await requireRevision(query, endpoint.id, endpoint.revision)
  const held = await holdingsOf(query, endpoint.id)
  const gpus = held.reduce((sum, holding) => sum + holding.gpus, 0)
  return `${gpus} × ${gpu_type} reserved on cluster "${cluster.name}": ${held.map((holding) => `${holding.node} (${holding.gpus})`).join(', ')}.`
}
