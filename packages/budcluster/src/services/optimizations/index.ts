import type { Caller, Context } from '../context.ts'
import { findApprovals, listOptimizations, requireOptimization } from '../store/approvals.ts'
import { type ApproveOptimization, approveOptimization } from './approve-optimization.ts'
import { type CreateOptimization, createOptimization } from './create-optimization.ts'
import { describeOptimization } from './describe-optimization.ts'
import { type PredictDeployment, predictDeployment } from './predict-deployment.ts'

export const createOptimizationServices = (context: Context) => ({
  create: (caller: Caller, input: CreateOptimization) => createOptimization(context, caller, input),
  /** Newest first; without their Pareto fronts, which are most of an optimisation. */
  list: async (caller: Caller, { limit }: { limit: number }) => {
    const rows = await listOptimizations(context, caller, limit)
    const approved = await findApprovals(context, rows)
    return rows.map((row) => {
      const { pareto: _, ...described } = describeOptimization(row, approved.get(row.id))
      return described
    })
  },
  get: async (caller: Caller, id: string) => {
    const row = await requireOptimization(context, caller, id)
    return describeOptimization(row, (await findApprovals(context, [row])).get(row.id))
  },
  approve: (caller: Caller, id: string, input: ApproveOptimization) => approveOptimization(context, caller, id, input),
  predict: (caller: Caller, input: PredictDeployment) => predictDeployment(context, caller, input),
})
