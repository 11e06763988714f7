/** What an endpoint has done since a moment. */
import { and, count, eq, gte, sql } from '@bud/platform/drizzle'
import type { Context } from './context.ts'
import { usage } from './tables.ts'

export interface UsageTotals {
  requests: number
  /** Ended by the service’s fault; a client that left is none. */
  failed_requests: number
  prompt_tokens: number
  completion_tokens: number
}

export async function usageOf({ database }: Context, endpointId: string, fromIso: string): Promise<UsageTotals> {
  const totalOf = (column: typeof usage.prompt_tokens | typeof usage.completion_tokens) =>
    sql<number>`coalesce(sum(${column}), 0)`.mapWith(Number)
  const [totals] = await database.query
    .select({
      requests: count(),
      failed_requests: sql<number>`count(*) filter (where ${usage.status} >= 500)`.mapWith(Number),
      prompt_tokens: totalOf(usage.prompt_tokens),
      completion_tokens: totalOf(usage.completion_tokens),
    })
    .from(usage)
    .where(and(eq(usage.endpoint_id, endpointId), gte(usage.at, fromIso)))
  return totals ?? { requests: 0, failed_requests: 0, prompt_tokens: 0, completion_tokens: 0 }
}
