/** Records who approved which configuration with which edits, after the validator has nothing against it. */
import { createId, type Deployment, invalidInput } from '@bud/kernel'
import { parseDeployment } from '../../domain/deployment-document.ts'
import { deploymentEdits } from '../../domain/deployment-edits.ts'
import { validateDeployment } from '../../domain/validate-deployment.ts'
import { observeCluster, viewCluster } from '../clusters/observe-cluster.ts'
import { type Caller, type Context, isoNow, nameOf } from '../context.ts'
import { refusal } from '../endpoints/assess-request.ts'
import { deployableModelOf } from '../endpoints/deployable-model-of.ts'
import { type ApprovalRow, type OptimizationRow, requireOptimization } from '../store/approvals.ts'
import { requireCluster } from '../store/clusters.ts'
import { findEndpoint } from '../store/endpoints.ts'
import { approvals } from '../tables.ts'
import { type ApprovalDescription, describeApproval } from './describe-optimization.ts'

export interface ApproveOptimization {
  /** Index into the candidates. */
  candidate: number
  /** The edited configuration; left out: as recommended. */
  deployment?: unknown
}

/** Approving again adds an approval; earlier ones stay on record and stay valid. */
export async function approveOptimization(
  context: Context,
  caller: Caller,
  id: string,
  input: ApproveOptimization,
): Promise<ApprovalDescription> {
  const optimization = await requireOptimization(context, caller, id)
  const recommended = optimization.result.candidates[input.candidate]?.deployment
  if (!recommended) throw noCandidate(optimization, input.candidate)
  const deployment = input.deployment === undefined ? recommended : parseDeployment(input.deployment)
  await validate(context, caller, optimization, deployment)
  const row: ApprovalRow = {
    id: createId('appr', context.clock.nowMs()),
    project_id: caller.project_id,
    optimization_id: optimization.id,
    approved_by: nameOf(caller),
    approved_at: isoNow(context),
    deployment,
    edits: deploymentEdits(recommended, deployment),
  }
  await context.database.query.insert(approvals).values(row)
  context.events.publish({ project_id: caller.project_id, type: 'optimization.changed', id: optimization.id })
  return describeApproval(row)
}

function noCandidate({ id, result }: OptimizationRow, asked: number) {
  const count = result.candidates.length
  return invalidInput(
    count === 0
      ? `Optimisation ${id} found nothing that holds the targets, so there is nothing to approve. Relax the targets and search again.`
      : `Optimisation ${id} has candidates 0–${count - 1}; ${asked} is none of them.`,
  )
}

async function validate(
  context: Context,
  caller: Caller,
  optimization: OptimizationRow,
  deployment: Deployment,
): Promise<void> {
  const { query } = context.database
  const cluster = await requireCluster(query, caller.project_id, optimization.cluster_id)
  const endpoint = optimization.endpoint_id
    ? await findEndpoint(query, caller.project_id, optimization.endpoint_id)
    : undefined
  const model = endpoint
    ? await deployableModelOf(context, endpoint)
    : await context.models.resolveForDeployment(caller.project_id, optimization.version_id)
  const observation = await observeCluster(context, cluster)
  const { reasons } = validateDeployment({
    cluster: await viewCluster(context, query, cluster, observation, endpoint?.id),
    model,
    deployment,
    gpus: context.gpus,
    check_capacity: true,
  })
  if (reasons.length > 0) throw refusal('This configuration cannot be approved.', reasons)
}
