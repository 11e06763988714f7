/** Lets go of what nobody needs any more: gateways that are gone, and usage of long ago. */
import { HISTORY_KEPT_MS } from '@bud/platform'
import { inArray, lt } from '@bud/platform/drizzle'
import type { Context } from './context.ts'
import { gateways, usage } from './tables.ts'

const GATEWAY_KEPT_MS = 3_600_000
/** So that other work gets its turn on the database in between. */
const ROWS_AT_ONCE = 10_000

export async function prune(context: Context): Promise<void> {
  await forgetGoneGateways(context)
  await forgetOldUsage(context)
}

/** A gateway could not report while nobody listened, so its silence counts from when listening began. */
async function forgetGoneGateways({ database, clock, listeningSinceMs }: Context): Promise<void> {
  const beforeMs = clock.nowMs() - GATEWAY_KEPT_MS
  if (listeningSinceMs > beforeMs) return
  await database.query.delete(gateways).where(lt(gateways.seen_at, new Date(beforeMs).toISOString()))
}

async function forgetOldUsage({ database, clock }: Context): Promise<void> {
  const before = new Date(clock.nowMs() - HISTORY_KEPT_MS).toISOString()
  for (let more = true; more; ) {
    const old = database.query.select({ id: usage.id }).from(usage).where(lt(usage.at, before)).limit(ROWS_AT_ONCE)
    const { rowCount } = await database.query.delete(usage).where(inArray(usage.id, old))
    more = rowCount === ROWS_AT_ONCE
  }
}
