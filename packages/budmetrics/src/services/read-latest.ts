/** What is known of an endpoint right now. */
import type { MetricName } from '@bud/kernel'
import type { Buckets } from '../domain/buckets.ts'
import { type Measured, percentileMs } from '../domain/measurement.ts'
import { type Context, isoOf } from './context.ts'

export interface Percentiles {
  p50: number | null
  p95: number | null
  p99: number | null
}

export interface LatestMetrics {
  endpoint_id: string
  at: string
  window_s: number
  metrics: Readonly<Record<MetricName, Measured>>
  running: number | null
  waiting: number | null
  /** 0–1 of the fullest replica. */
  kv_usage: number | null
  ttft_ms: Percentiles
  e2e_ms: Percentiles
  /** Mean time per output token of a request. */
  tpot_ms: Percentiles
  /** Gaps between tokens; all null where the engine does not time them. */
  itl_ms: Percentiles
  /** Replicas whose last scrape gave nothing, and why. */
  problems: { replica_id: string; message: string }[]
}

/** Undefined for an endpoint that was never scraped by this process. */
export function readLatest({ endpoints, settings }: Context, endpointId: string): LatestMetrics | undefined {
  const state = endpoints.get(endpointId)
  const slot = state?.lastSlot
  if (!state || !slot) return undefined
  const percentiles = (part: 'ttft' | 'e2e' | 'tpot' | 'itl'): Percentiles =>
    toPercentiles(state.window.flatMap(({ increase }) => increase[part]))
  return {
    endpoint_id: endpointId,
    at: isoOf(slot.at_ms),
    window_s: settings.window_s,
    metrics: state.measure(settings.window_s).metrics,
    running: slot.running,
    waiting: slot.waiting,
    kv_usage: slot.kv_usage,
    ttft_ms: percentiles('ttft'),
    e2e_ms: percentiles('e2e'),
    tpot_ms: percentiles('tpot'),
    itl_ms: percentiles('itl'),
    problems: [...state.problems].map(([replica_id, message]) => ({ replica_id, message })),
  }
}

const toPercentiles = (buckets: Buckets): Percentiles => ({
  p50: percentileMs(0.5, buckets),
  p95: percentileMs(0.95, buckets),
  p99: percentileMs(0.99, buckets),
})
