/** Waits until replicas have no request under way at any gateway. */
import { isDrained } from '../domain/assess-drain.ts'
import type { Context } from './context.ts'
import { gateways } from './tables.ts'

/** How often to look for what gateways told another control plane, and for leases that end. */
const LOOK_MS = 250

export async function waitDrained(
  { database, clock, listeningSinceMs, reports }: Context,
  { upstream_ids, version, timeout_ms }: { upstream_ids: string[]; version: number; timeout_ms: number },
): Promise<{ drained: boolean }> {
  const deadlineMs = clock.nowMs() + timeout_ms
  for (;;) {
    const mark = reports.mark()
    const rows = await database.query.select().from(gateways)
    const heard = rows.map(({ id, ...row }) => ({ gateway_id: id, ...row }))
    const nowMs = clock.nowMs()
    if (isDrained(heard, { upstream_ids, version, listeningSinceMs, nowMs })) return { drained: true }
    const leftMs = deadlineMs - clock.nowMs()
    if (leftMs <= 0) return { drained: false }
    await reports.wait(mark, Math.min(leftMs, LOOK_MS))
  }
}
