/** The alerts of a project, firing ones first, then the newest. */
import type { Alert } from '@bud/kernel'
import { and, desc, eq, sql } from '@bud/platform/drizzle'
import type { Caller, Context } from './context.ts'
import { alerts } from './tables.ts'

export interface AlertFilter {
  state?: Alert['state'] | undefined
  endpoint_id?: string | undefined
  limit: number
}

export async function listAlerts(
  { database }: Pick<Context, 'database'>,
  caller: Pick<Caller, 'project_id'>,
  { state, endpoint_id, limit }: AlertFilter,
): Promise<Alert[]> {
  return database.query
    .select({
      id: alerts.id,
      endpoint_id: alerts.endpoint_id,
      endpoint_name: alerts.endpoint_name,
      metric: alerts.metric,
      state: alerts.state,
      rule: alerts.rule,
      value: alerts.value,
      message: alerts.message,
      pending_at: alerts.pending_at,
      firing_at: alerts.firing_at,
      resolved_at: alerts.resolved_at,
    })
    .from(alerts)
    .where(
      and(
        eq(alerts.project_id, caller.project_id),
        state && eq(alerts.state, state),
        endpoint_id === undefined ? undefined : eq(alerts.endpoint_id, endpoint_id),
      ),
    )
    .orderBy(sql`(${alerts.state} = 'firing') desc`, desc(alerts.pending_at), desc(alerts.id))
    .limit(limit)
}
