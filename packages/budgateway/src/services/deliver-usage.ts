/** Hands spooled usage to the control plane, oldest first, until it is taken. */
import { BudError, type Clock, messageOf } from '@bud/kernel'
import type { ControlPlane, Logger, UsageSpool } from '../ports.ts'

export interface UsageDelivery {
  /** Stops the loop after one last try of at most `limitMs`; what is left stays in the spool. */
  stop(limitMs: number): Promise<void>
}

export interface DeliveryDeps {
  spool: UsageSpool
  controlPlane: ControlPlane
  clock: Clock
  logger: Logger
}

const INTERVAL_MS = 1_000
const BACK_OFF_MS = { first: 1_000, longest: 30_000 }

export function startDelivery(deps: DeliveryDeps): UsageDelivery {
  const { clock, logger } = deps
  const stopped = new AbortController()
  let failures = 0

  const loop = (async () => {
    while (!stopped.signal.aborted) {
      try {
        await deliverAll(deps, stopped.signal)
        failures = 0
      } catch (error) {
        if (!stopped.signal.aborted && failures++ === 0) logger.warn(`Usage is kept here for now: ${messageOf(error)}`)
      }
      const backOffMs = Math.min(BACK_OFF_MS.longest, BACK_OFF_MS.first * 2 ** (failures - 1))
      await clock.sleep(failures > 0 ? backOffMs : INTERVAL_MS, stopped.signal).catch(() => undefined)
    }
  })()

  return {
    async stop(limitMs) {
      stopped.abort()
      await loop
      await deliverAll(deps, AbortSignal.timeout(limitMs)).catch((error) =>
        logger.warn(`Usage stays in the spool until the next start: ${messageOf(error)}`),
      )
    },
  }
}

async function deliverAll({ spool, controlPlane, logger }: DeliveryDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const batch = await spool.next()
    if (!batch) return
    try {
      if (batch.count > 0) await controlPlane.postUsage(batch, signal)
    } catch (error) {
      if (!(error instanceof BudError && error.code === 'invalid-input')) throw error
      // Kept, it would block everything after it for ever.
      spool.countDropped(batch.count)
      logger.error(`Usage of ${batch.count} requests is lost: ${error.message}`)
    }
    await batch.discard()
  }
}
