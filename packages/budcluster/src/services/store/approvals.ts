/** Rows of `optimizations` and `approvals`. */
import { notFound } from '@bud/kernel'
import { and, asc, desc, eq, inArray } from '@bud/platform/drizzle'
import type { Caller, Context } from '../context.ts'
import { approvals, optimizations } from '../tables.ts'

export type OptimizationRow = typeof optimizations.$inferSelect
export type ApprovalRow = typeof approvals.$inferSelect

export async function requireApproval(
  { database }: Context,
  { project_id }: Caller,
  id: string,
): Promise<ApprovalRow & { optimization: OptimizationRow }> {
  const [row] = await database.query
    .select()
    .from(approvals)
    .innerJoin(optimizations, eq(optimizations.id, approvals.optimization_id))
    .where(and(eq(approvals.project_id, project_id), eq(approvals.id, id)))
  if (!row) throw notFound('approval', id, 'GET /optimizations shows what was approved.')
  return { ...row.approvals, optimization: row.optimizations }
}

export async function requireOptimization(
  { database }: Context,
  { project_id }: Caller,
  id: string,
): Promise<OptimizationRow> {
  const [row] = await database.query
    .select()
    .from(optimizations)
    .where(and(eq(optimizations.project_id, project_id), eq(optimizations.id, id)))
  if (!row) throw notFound('optimisation', id, 'GET /optimizations lists them.')
  return row
}

/** Newest first. */
export async function listOptimizations(
  { database }: Context,
  { project_id }: Caller,
  limit: number,
): Promise<OptimizationRow[]> {
  return database.query
    .select()
    .from(optimizations)
    .where(eq(optimizations.project_id, project_id))
    .orderBy(desc(optimizations.created_at), desc(optimizations.id))
    .limit(limit)
}

/** The newest approval of each, by optimisation. */
export async function findApprovals(
  { database }: Context,
  rows: readonly OptimizationRow[],
): Promise<Map<string, ApprovalRow>> {
  if (rows.length === 0) return new Map()
  const found = await database.query
    .select()
    .from(approvals)
    .where(
      inArray(
        approvals.optimization_id,
        rows.map(({ id }) => id),
      ),
    )
    .orderBy(asc(approvals.approved_at), asc(approvals.id))
  return new Map(found.map((approval) => [approval.optimization_id, approval]))
}
