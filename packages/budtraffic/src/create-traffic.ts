/** Routes, keys, usage, and the snapshot that gateways pull. */
import type { RoutePublisher } from '@bud/budcluster'
import type { Clock, UsageRecord } from '@bud/kernel'
import type { Database, EventBus } from '@bud/platform'
import { createSnapshotReader } from './services/build-snapshot.ts'
import type { Context } from './services/context.ts'
import { createInferenceKeys, type InferenceKeys } from './services/inference-keys.ts'
import { ingestUsage } from './services/ingest-usage.ts'
import { prune } from './services/prune.ts'
import { publishRoute } from './services/publish-route.ts'
import { createSyncGateway, type SyncGateway } from './services/sync-gateway.ts'
import { type UsageTotals, usageOf } from './services/usage-of.ts'
import { waitDrained } from './services/wait-drained.ts'
import { createWakeups } from './services/wakeups.ts'
import { withdrawRoute } from './services/withdraw-route.ts'

/** For `platform.migrate('budtraffic', …)`. */
export const trafficMigrations = new URL('./migrations', import.meta.url)

export interface Traffic {
  readonly routePublisher: RoutePublisher
  readonly keys: InferenceKeys
  /**
   * Hears a gateway’s report, then answers with the snapshot when it is another than the one applied, at once or
   * within `waitMs`; undefined: it is not.
   */
  readonly sync: SyncGateway
  /** Idempotent by record id. */
  ingestUsage(records: readonly UsageRecord[]): Promise<void>
  usageOf(endpointId: string, fromIso: string): Promise<UsageTotals>
  /** Drops usage older than 90 days, and gateways silent for an hour. Every hour or so. */
  prune(): Promise<void>
}

export function createTraffic({
  database,
  events,
  clock,
}: {
  database: Database
  events: EventBus
  clock: Clock
}): Traffic {
  const context: Context = {
    database,
    events,
    clock,
    listeningSinceMs: clock.nowMs(),
    changes: createWakeups(clock),
    reports: createWakeups(clock),
  }
  return {
    routePublisher: {
      publish: (request) => publishRoute(context, request),
      withdraw: (request) => withdrawRoute(context, request),
      waitDrained: (request) => waitDrained(context, request),
    },
    keys: createInferenceKeys(context),
    sync: createSyncGateway(context, createSnapshotReader(database)),
    ingestUsage: (records) => ingestUsage(context, records),
    usageOf: (endpointId, fromIso) => usageOf(context, endpointId, fromIso),
    prune: () => prune(context),
  }
}
