/** What somebody asks to be deployed, with its names looked up: by hand, or by reference to an approval. */
import {
  BudError,
  type Deployment,
  invalidInput,
  type Reason,
  reasonsOf,
  type Targets,
  type Workload,
} from '@bud/kernel'
import { parseDeployment } from '../../domain/deployment-document.ts'
import { departuresFrom } from '../../domain/deployment-edits.ts'
import type { ClusterRecord, DeployableModel } from '../../domain/records.ts'
import type { Caller, Context } from '../context.ts'
import { requireApproval } from '../store/approvals.ts'
import { requireCluster } from '../store/clusters.ts'

export interface CreateEndpoint {
  name?: string | undefined
  model?: string | undefined
  cluster?: string | undefined
  /** With or without its outer key. */
  deployment?: unknown
  approval_id?: string | undefined
  workload?: Workload | undefined
  targets?: Targets | undefined
}

export interface DeploymentRequest {
  /** Undefined: to be made from the model's. */
  name: string | undefined
  model: DeployableModel
  cluster: ClusterRecord
  deployment: Deployment
  workload: Workload | null
  targets: Targets
  approval_id: string | null
}

/** Throws the one error there is, or invalid-input with all of them. */
export async function resolveRequest(
  context: Context,
  caller: Caller,
  input: CreateEndpoint,
): Promise<DeploymentRequest> {
  const approved =
    input.approval_id === undefined ? undefined : await requireApproval(context, caller, input.approval_id)
  const problems: BudError[] = []
  const attempt = async <T>(find: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await find()
    } catch (error) {
      if (!(error instanceof BudError)) throw error
      problems.push(error)
      return undefined
    }
  }
  const { query } = context.database
  const modelName = input.model ?? approved?.optimization.version_id
  const clusterName = input.cluster ?? approved?.optimization.cluster_id
  const model = await attempt(() =>
    modelName === undefined ? missing('model') : context.models.resolveForDeployment(caller.project_id, modelName),
  )
  const cluster = await attempt(() =>
    clusterName === undefined ? missing('cluster') : requireCluster(query, caller.project_id, clusterName),
  )
  const deployment = await attempt(() => {
    if (input.deployment !== undefined) return parseDeployment(input.deployment)
    return approved ? approved.deployment : missing('deployment')
  })
  if (approved && model && cluster && deployment)
    for (const reason of departures(approved, { model, cluster, deployment }))
      problems.push(invalidInput(reason.message, [reason]))
  if (!model || !cluster || !deployment || problems.length > 0) throw joined(problems)
  return {
    name: input.name,
    model,
    cluster,
    deployment,
    workload: input.workload ?? approved?.optimization.workload ?? null,
    targets: input.targets ?? approved?.optimization.targets ?? {},
    approval_id: approved?.id ?? null,
  }
}

function missing(field: string): never {
  const message = `"${field}" is missing: give it, or the approval_id of an approved optimisation.`
  throw invalidInput(message, [{ code: 'missing', message, path: field }])
}

function departures(
  approved: Awaited<ReturnType<typeof requireApproval>>,
  { model, cluster, deployment }: { model: DeployableModel; cluster: ClusterRecord; deployment: Deployment },
): Reason[] {
  const { optimization } = approved
  const next_step = 'Approve it, or leave out approval_id.'
  const reasons: Reason[] = []
  if (model.version_id !== optimization.version_id)
    reasons.push({
      code: 'approval-for-other-model',
      message: `Approval ${approved.id} is for ${optimization.model_name} (${optimization.version_id}), not for ${model.name} (${model.version_id}).`,
      path: 'model',
      next_step,
    })
  if (cluster.id !== optimization.cluster_id)
    reasons.push({
      code: 'approval-for-other-cluster',
      message: `Approval ${approved.id} is for cluster "${optimization.cluster_name}", not for "${cluster.name}".`,
      path: 'cluster',
      next_step,
    })
  reasons.push(...departuresFrom(approved, deployment))
  return reasons
}

function joined(problems: readonly BudError[]): BudError {
  const [only] = problems
  if (only && problems.length === 1) return only
  return invalidInput(
    problems.map((problem) => problem.message).join(' '),
    problems.flatMap((error) => reasonsOf(error)),
  )
}
