/** What the services of this package work with: made once in create-metrics.ts. */
import type { Clock } from '@bud/kernel'
import type { Database, EventBus, Log } from '@bud/platform'
import type { MetricSource, ScrapeTargets } from '../ports.ts'
import type { EndpointStore } from './endpoint-store.ts'

export interface Settings {
  /** Between two scrapes; rules are evaluated after each. */
  scrape_interval_s: number
  /** Percentiles, rates and GPU means are over this long. */
  window_s: number
  /** Replicas and nodes asked at once. */
  concurrent_scrapes: number
  /** How long minutes are kept. */
  keep_minutes_days: number
  /** How long resolved alerts are kept. */
  keep_alerts_days: number
}

export const DEFAULT_SETTINGS: Settings = {
  scrape_interval_s: 5,
  window_s: 60,
  concurrent_scrapes: 32,
  keep_minutes_days: 30,
  keep_alerts_days: 90,
}

export interface Context {
  database: Database
  events: EventBus
  clock: Clock
  log: Log
  targets: ScrapeTargets
  source: MetricSource
  settings: Settings
  endpoints: EndpointStore
}

/** Who asks, in which project: the part of access's Principal that matters here. */
export interface Caller {
  project_id: string
  name: string
}

export const isoOf = (ms: number): string => new Date(ms).toISOString()
