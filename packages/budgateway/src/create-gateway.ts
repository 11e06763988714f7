/** The gateway, whole: made from its settings, started, stopped without cutting anybody off. */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { BudError, type Clock, failed, messageOf, systemClock } from '@bud/kernel'
import { Agent } from 'undici'
import { createServer } from './adapters/fastify-server.ts'
import { createFileSnapshotStore } from './adapters/file-snapshot-store.ts'
import { openUsageSpool } from './adapters/file-usage-spool.ts'
import { createHttpControlPlane } from './adapters/http-control-plane.ts'
import { createTrafficMetrics } from './adapters/prometheus-traffic-metrics.ts'
import { createRoutingTable, type RoutingTable } from './domain/routing-table.ts'
import { createUsageIds } from './domain/usage-ids.ts'
import type { Logger } from './ports.ts'
import { startDelivery, type UsageDelivery } from './services/deliver-usage.ts'
import { type SnapshotSync, startSync } from './services/sync-snapshot.ts'
import type { GatewaySettings } from './settings.ts'

export interface Gateway {
  /** Listens, then asks for a snapshot. Throws `conflict` when the port is taken. */
  start(): Promise<{ port: number }>
  /** Stops listening, lets requests in flight end, hands in usage. Idempotent. */
  stop(): Promise<void>
}

/** How long a start waits for the control plane before it says it is ready. */
const FIRST_SYNC_MS = 2_000
const CLOSE_INTERVAL_MS = 20
/** For the records of requests that were cut off. */
const RECORDED_MS = 1_000
const LAST_DELIVERY_MS = 2_000

export function createGateway(
  settings: GatewaySettings,
  { logger, clock = systemClock, random = Math.random }: { logger: Logger; clock?: Clock; random?: () => number },
): Gateway {
  prepareFolder(settings.stateDir)
  let sync: SnapshotSync | undefined
  let delivery: UsageDelivery | undefined
  let stopping: Promise<void> | undefined

  const table = createRoutingTable({ onDrained: () => sync?.poke() })
  const spool = openUsageSpool({ folder: join(settings.stateDir, 'usage'), maxBytes: settings.spoolMaxBytes, logger })
  const store = createFileSnapshotStore(join(settings.stateDir, 'snapshot.json'), logger)
  const controlPlane = createHttpControlPlane({ url: settings.controlUrl, token: settings.gatewayToken })
  const metrics = createTrafficMetrics({ table, spool })
  const newId = createUsageIds((bytes) => crypto.getRandomValues(bytes))
  const dispatcher = new Agent({ connect: { timeout: settings.connectTimeoutMs } })
  const server = createServer({
    context: { table, spool, metrics, dispatcher, clock, random, newId, timeouts: settings },
    metrics,
    logger,
    corsOrigins: settings.corsOrigins,
    bodyLimitBytes: settings.bodyLimitBytes,
    maxInFlight: settings.maxInFlight,
    gatewayToken: settings.gatewayToken,
    isStopping: () => stopping !== undefined,
    describe: () => describeState(table, sync?.lastContactMs, clock),
  })

  /** Idle connections are closed as they become idle; at the deadline, all. */
  const closeConnections = async () => {
    let open = true
    const closed = server.close().then(() => {
      open = false
    })
    const deadlineMs = clock.nowMs() + settings.stopTimeoutMs
    while (open && clock.nowMs() < deadlineMs) {
      server.server.closeIdleConnections()
      await Promise.race([closed, clock.sleep(CLOSE_INTERVAL_MS)])
    }
    if (open) logger.warn(`Cutting off ${table.inFlight} requests after ${settings.stopTimeoutMs} ms.`)
    server.server.closeAllConnections()
    await closed
    const recordedMs = clock.nowMs() + RECORDED_MS
    while (table.inFlight > 0 && clock.nowMs() < recordedMs) await clock.sleep(CLOSE_INTERVAL_MS)
  }

  const finish = async () => {
    await closeConnections()
    await sync?.stop()
    await delivery?.stop(LAST_DELIVERY_MS)
    spool.close()
    await Promise.all([dispatcher.destroy(), controlPlane.close()])
  }

  return {
    async start() {
      const kept = await store.load()
      if (kept) table.apply(kept)
      const port = await listen(server.server, settings, () => server.listen(settings))
      sync = startSync({ gatewayId: `gateway-${randomUUID()}`, table, controlPlane, store, clock, logger })
      delivery = startDelivery({ spool, controlPlane, clock, logger })
      await Promise.race([sync.firstAttempt, clock.sleep(FIRST_SYNC_MS)])
      return { port }
    },
    stop() {
      stopping ??= finish()
      return stopping
    },
  }
}

function prepareFolder(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw failed(
      `The state folder ${stateDir} cannot be made: ${messageOf(cause)}. Choose another with --state-dir.`,
      [],
      cause,
    )
  }
}

async function listen(
  server: { address(): AddressInfo | string | null },
  { host, port }: GatewaySettings,
  start: () => Promise<string>,
): Promise<number> {
  try {
    await start()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new BudError(
        'conflict',
        `Port ${port} on ${host} is taken. Stop what uses it or choose another with --port.`,
        {
          cause,
        },
      )
    if (code === 'EACCES')
      throw failed(`This user may not listen on port ${port}. Choose one above 1023 with --port.`, [], cause)
    throw cause
  }
  return (server.address() as AddressInfo).port
}

function describeState(table: RoutingTable, lastContactMs: number | undefined, clock: Clock) {
  const nowMs = clock.nowMs()
  return {
    snapshot: table.snapshot && {
      version: table.snapshot.version,
      created_at: table.snapshot.createdAt,
      age_s: Math.max(0, Math.round((nowMs - Date.parse(table.snapshot.createdAt)) / 1000)),
    },
    control_plane_contact_s_ago: lastContactMs === undefined ? null : Math.round((nowMs - lastContactMs) / 1000),
    in_flight: table.inFlight,
  }
}
