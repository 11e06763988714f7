/** The package as the control plane sees it: measures what runs, keeps the series, watches the rules. */
import type { Alert, AlertRule, MetricName, Targets } from '@bud/kernel'
import type { ServedWindow } from './domain/served-window.ts'
import { type Caller, type Context, DEFAULT_SETTINGS, type Settings } from './services/context.ts'
import { EndpointStore } from './services/endpoint-store.ts'
import { type AlertFilter, listAlerts } from './services/list-alerts.ts'
import { Observer, repeatRounds } from './services/observe.ts'
import { type LatestMetrics, readLatest } from './services/read-latest.ts'
import { type MeasuredSeries, readSeries } from './services/read-series.ts'
import { editRule, listRules, type RuleEdit, setTargets } from './services/rules.ts'

export type MetricsDependencies = Omit<Context, 'settings' | 'endpoints'> & { settings?: Partial<Settings> }

export interface Metrics {
  /** Begins to observe, every `scrape_interval_s`; a second call changes nothing. */
  start(): void
  /** Ends the round under way and writes what is not written yet. */
  stop(): Promise<void>
  /** One round now; what `start` repeats. Rounds do not overlap: a call during a round joins it. */
  tick(): Promise<void>
  /** Up to 120 minutes in 10 s steps, up to a day in minutes, above that in five minutes. Gaps are null. */
  series(endpointId: string, length: { minutes: number }): Promise<MeasuredSeries>
  latest(endpointId: string): LatestMetrics | undefined
  /** What was served since the last call, in means; undefined when nothing was observed since. One caller only. */
  takeServed(endpointId: string): ServedWindow | undefined
  readonly rules: {
    list(endpointId: string): Promise<AlertRule[]>
    edit(caller: Caller, endpointId: string, metric: MetricName, edit: RuleEdit): Promise<AlertRule>
    /** On deploy and whenever targets change: they become thresholds, under edits and over defaults. Idempotent. */
    setTargets(request: { project_id: string; endpoint_id: string; targets: Targets }): Promise<void>
  }
  readonly alerts: {
    list(caller: Pick<Caller, 'project_id'>, filter: AlertFilter): Promise<Alert[]>
  }
}

/** The tables must be migrated (`metricsMigrations`) before anything is called. */
export function createMetrics({ settings, ...dependencies }: MetricsDependencies): Metrics {
  const context: Context = {
    ...dependencies,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    endpoints: new EndpointStore(),
  }
  const observer = new Observer(context)
  let round: Promise<void> | undefined
  const tick = (): Promise<void> => {
    round ??= observer.observe().finally(() => {
      round = undefined
    })
    return round
  }
  return {
    ...createLoop(context, tick, observer),
    tick,
    series: (endpointId, length) => readSeries(context, endpointId, length),
    latest: (endpointId) => readLatest(context, endpointId),
    takeServed: (endpointId) => context.endpoints.get(endpointId)?.takeServed(),
    rules: {
      list: (endpointId) => listRules(context, endpointId),
      edit: (caller, endpointId, metric, edit) => editRule(context, caller, endpointId, metric, edit),
      setTargets: (request) => setTargets(context, request),
    },
    alerts: { list: (caller, filter) => listAlerts(context, caller, filter) },
  }
}

function createLoop(context: Context, tick: () => Promise<void>, observer: Observer): Pick<Metrics, 'start' | 'stop'> {
  const stopping = new AbortController()
  let loop: Promise<void> | undefined
  return {
    start() {
      loop ??= repeatRounds(context, tick, stopping.signal)
    },
    async stop() {
      stopping.abort()
      await loop
      await observer.finish()
    },
  }
}
