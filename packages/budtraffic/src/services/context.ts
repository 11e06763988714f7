/** What the verbs of this package work with. */
import type { Clock } from '@bud/kernel'
import type { Database, EventBus } from '@bud/platform'
import type { Wakeups } from './wakeups.ts'

export interface Context {
  database: Database
  events: EventBus
  clock: Clock
  /** Since when this process hears gateways. */
  listeningSinceMs: number
  /** The snapshot has a new version. */
  changes: Wakeups
  /** A gateway has reported. */
  reports: Wakeups
}

export const nowIso = ({ clock }: Pick<Context, 'clock'>): string => new Date(clock.nowMs()).toISOString()
