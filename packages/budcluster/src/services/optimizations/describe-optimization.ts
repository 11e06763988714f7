/** An optimisation as people see it: structurally the contract's Optimization, with its newest approval. */
import type { Deployment, Objective, Targets, Workload } from '@bud/kernel'
import type { DeploymentEdit } from '../../domain/deployment-edits.ts'
import type { ApprovalRow, OptimizationRow } from '../store/approvals.ts'
import type { OptimizationResult } from '../tables.ts'

export interface ApprovalDescription {
  id: string
  approved_by: string
  approved_at: string
  deployment: Deployment
  edits: DeploymentEdit[]
}

export interface OptimizationDescription extends OptimizationResult {
  id: string
  model: { id: string; name: string; version_id: string }
  cluster: { id: string; name: string }
  workload: Workload
  targets: Targets
  objective: Objective
  created_by: string
  created_at: string
  approval: ApprovalDescription | null
}

export const describeOptimization = (
  row: OptimizationRow,
  approval: ApprovalRow | undefined,
): OptimizationDescription => ({
  id: row.id,
  model: { id: row.model_id, name: row.model_name, version_id: row.version_id },
  cluster: { id: row.cluster_id, name: row.cluster_name },
  workload: row.workload,
  targets: row.targets,
  objective: row.objective,
  ...row.result,
  created_by: row.created_by,
  created_at: row.created_at,
  approval: approval ? describeApproval(approval) : null,
})

export const describeApproval = ({
  id,
  approved_by,
  approved_at,
  deployment,
  edits,
}: ApprovalRow): ApprovalDescription => ({
  id,
  approved_by,
  approved_at,
  deployment,
  edits,
})
