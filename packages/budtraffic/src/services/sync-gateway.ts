/** One round of a gateway’s long poll: its report is heard, then it waits for routes it does not have. */
import type { GatewayReport, RouteSnapshot } from '@bud/kernel'
import { LEASE_MS } from '../domain/assess-drain.ts'
import type { SnapshotReader } from './build-snapshot.ts'
import { type Context, nowIso } from './context.ts'
import { gateways } from './tables.ts'

/** A poll ends well within the lease, so that a waiting gateway does not look gone. */
const LONGEST_WAIT_MS = LEASE_MS / 2

export type SyncGateway = (
  report: GatewayReport,
  options: { waitMs: number; signal?: AbortSignal },
) => Promise<RouteSnapshot | undefined>

export function createSyncGateway(context: Context, snapshots: SnapshotReader): SyncGateway {
  return async (report, { waitMs, signal }) => {
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
