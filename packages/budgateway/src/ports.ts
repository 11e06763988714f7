/** What the gateway needs around its hot path. */
import type { GatewayReport, RouteSnapshot, UsageRecord } from '@bud/kernel'

/** The side that knows routes and keeps accounts. Every method rejects with `unavailable` when it cannot be reached. */
export interface ControlPlane {
  /** Reports, then waits up to `waitMs` for a snapshot other than the one applied; undefined: there is none yet. */
  sync(report: GatewayReport, options: { waitMs: number; signal: AbortSignal }): Promise<RouteSnapshot | undefined>
  /** Idempotent by record id. Rejects with `invalid-input` when the records themselves are refused. */
  postUsage(batch: UsageRecords, signal: AbortSignal): Promise<void>
}

/** Keeps the last good snapshot, so that traffic flows while the control plane is away. */
export interface SnapshotStore {
  /** undefined when there is none, or none that can be read. */
  load(): Promise<RouteSnapshot | undefined>
  /** Atomic: a reader sees the old one or the new one, whole. */
  save(snapshot: RouteSnapshot): Promise<void>
}

/** `json` is an array of `UsageRecord`: they were written by us and travel as they are, unread. */
export interface UsageRecords {
  readonly count: number
  readonly json: string
}

export interface UsageBatch extends UsageRecords {
  /** Forgets the batch: it was delivered, or will never be. */
  discard(): Promise<void>
}

/** Usage that is not yet delivered. What `onStored` was called for survives the end of the process. */
export interface UsageSpool {
  /** `onStored` follows within the same turn of the event loop; also when there is no room and the record is dropped. */
  append(record: UsageRecord, onStored: () => void): void
  /** The oldest undelivered records, again at each call until discarded; undefined when there are none. */
  next(): Promise<UsageBatch | undefined>
  countDropped(records: number): void
  readonly bytes: number
  readonly dropped: number
  close(): void
}

export type UpstreamErrorKind = 'connect' | 'reset' | 'timeout' | 'status'

export interface TrafficMetrics {
  finished(request: { route: string; status: number; ttftMs: number | null }): void
  upstreamError(kind: UpstreamErrorKind): void
  /** In Prometheus’ text format. */
  render(): Promise<{ contentType: string; text: string }>
}

export interface Logger {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}
