/** Whether replicas may be stopped without a failed request. */
import type { GatewayReport } from '@bud/kernel'

/** A gateway that has not reported for so long counts as gone. */
export const LEASE_MS = 10_000

export interface HeardReport extends GatewayReport {
  seen_at: string
}

/**
 * True once every live gateway has applied `version` and has nothing under way to the replicas. While nobody listened
 * no gateway could report, so a lease runs from when listening began at the earliest.
 */
export function isDrained(
  reports: readonly HeardReport[],
  {
    upstream_ids,
    version,
    listeningSinceMs,
    nowMs,
  }: { upstream_ids: readonly string[]; version: number; listeningSinceMs: number; nowMs: number },
): boolean {
  const leaving = new Set(upstream_ids)
  return reports
    .filter(({ seen_at }) => nowMs - Math.max(Date.parse(seen_at), listeningSinceMs) < LEASE_MS)
    .every(
      (report) =>
        report.applied_version >= version &&
        report.in_flight.every(({ upstream_id, count }) => count === 0 || !leaving.has(upstream_id)),
    )
}
