/** One round of a gateway’s long poll: its report is heard, then it waits for routes it does not have. */
import type { GatewayReport, RouteSnapshot } from '@bud/kernel'
import { lt } from '@bud/platform/drizzle'
import { LEASE_MS } from '../domain/assess-drain.ts'
import type { SnapshotReader } from './build-snapshot.ts'
import { type Context, nowIso } from './context.ts'
import { gateways } from './tables.ts'

/** A poll ends well within the lease, so that a waiting gateway does not look gone. */
const LONGEST_WAIT_MS = LEASE_MS / 2
const FORGET_AFTER_MS = 3_600_000

export type SyncGateway = (
  report: GatewayReport,
  options: { waitMs: number; signal?: AbortSignal },
) => Promise<RouteSnapshot | undefined>

export function createSyncGateway(context: Context, snapshots: SnapshotReader): SyncGateway {
  const known = new Set<string>()
  return async (report, { waitMs, signal }) => {
    if (!known.has(report.gateway_id)) {
      known.add(report.gateway_id)
      await forgetGone(context)
    }
    const mark = context.changes.mark()
    await hear(context, report)
    const newer = await snapshots.newerThan(report.applied_version)
    if (newer) return newer
    await context.changes.wait(mark, Math.min(waitMs, LONGEST_WAIT_MS), signal)
    return signal?.aborted ? undefined : snapshots.newerThan(report.applied_version)
  }
}

async function hear(context: Context, { gateway_id: id, applied_version, in_flight }: GatewayReport): Promise<void> {
  const word = { applied_version, in_flight, seen_at: nowIso(context) }
  await context.database.query
    .insert(gateways)
    .values({ id, ...word })
    .onConflictDoUpdate({ target: gateways.id, set: word })
  context.reports.notify()
}

async function forgetGone({ database, clock, listeningSinceMs }: Context): Promise<void> {
  if (clock.nowMs() - listeningSinceMs < FORGET_AFTER_MS) return
  const before = new Date(clock.nowMs() - FORGET_AFTER_MS).toISOString()
  await database.query.delete(gateways).where(lt(gateways.seen_at, before))
}
