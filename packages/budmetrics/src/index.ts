export { createMetrics, type Metrics, type MetricsDependencies } from './create-metrics.ts'
export type { ServedWindow } from './domain/served-window.ts'
export type { MetricSource, ScrapeRequest, ScrapeTarget, ScrapeTargets } from './ports.ts'
export type { LatestMetrics } from './services/read-latest.ts'
export type { MeasuredSeries } from './services/read-series.ts'

/** For `platform.migrate('budmetrics', …)`. */
export const metricsMigrations = new URL('../migrations', import.meta.url)
