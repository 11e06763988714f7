/** Keeps the routing table at the control plane's version, and tells it what is in flight, at least every two seconds. */
import { type Clock, messageOf } from '@bud/kernel'
import type { RoutingTable } from '../domain/routing-table.ts'
import type { ControlPlane, Logger, SnapshotStore } from '../ports.ts'

export interface SnapshotSync {
  /** Resolves after the first answer of the control plane, or the first failure to get one. */
  readonly firstAttempt: Promise<void>
  /** When the control plane last answered; undefined: never. */
  readonly lastContactMs: number | undefined
  /** Reports now instead of when the poll under way ends. */
  poke(): void
  stop(): Promise<void>
}

export interface SyncDeps {
  gatewayId: string
  table: RoutingTable
  controlPlane: ControlPlane
  store: SnapshotStore
  clock: Clock
  logger: Logger
}

const POLL_MS = 2_000
/** Between polls that bring nothing, whatever the control plane does. */
const MIN_INTERVAL_MS = 100
const BACK_OFF_MS = { first: 200, longest: 5_000 }

export function startSync(deps: SyncDeps): SnapshotSync {
  const { clock, logger } = deps
  const first = Promise.withResolvers<void>()
  let poll = new AbortController()
  let lastContactMs: number | undefined
  let failures = 0
  let stopping = false

  const round = async (waitMs: number): Promise<void> => {
    poll = new AbortController()
    const { signal } = poll
    const startedMs = clock.nowMs()
    try {
      const changed = await pull(deps, waitMs, signal)
      lastContactMs = clock.nowMs()
      if (failures > 0) logger.info('The control plane answers again.')
      failures = 0
      if (!changed && waitMs > 0) await clock.sleep(Math.max(0, MIN_INTERVAL_MS - (lastContactMs - startedMs)), signal)
    } catch (error) {
      if (signal.aborted) return
      if (failures++ === 0) logger.warn(`${messageOf(error)}. Serving the routes at hand; trying again.`)
      first.resolve()
      const backOffMs = Math.min(BACK_OFF_MS.longest, BACK_OFF_MS.first * 2 ** (failures - 1))
      await clock.sleep(backOffMs, signal).catch(() => undefined)
    }
    first.resolve()
  }

  const loop = (async () => {
    await round(0)
    while (!stopping) await round(POLL_MS)
  })()

  return {
    firstAttempt: first.promise,
    get lastContactMs() {
      return lastContactMs
    },
    poke: () => poll.abort(),
    stop: () => {
      stopping = true
      poll.abort()
      return loop
    },
  }
}

/** true: a new snapshot is in force. */
async function pull(
  { gatewayId, table, controlPlane, store, logger }: SyncDeps,
  waitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const snapshot = await controlPlane.sync(table.report(gatewayId), { waitMs, signal })
  if (!snapshot) return false
  table.apply(snapshot)
  await store.save(snapshot).catch((error) => logger.warn(`The snapshot is in force but not kept: ${messageOf(error)}`))
  return true
}
