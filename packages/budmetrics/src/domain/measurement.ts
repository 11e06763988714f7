/** The guide's five metrics over a window of slots, with what an alert rule must know beside the value. */
import type { MetricName } from '@bud/kernel'
import { type Buckets, countOf } from './buckets.ts'
import { quantile } from './quantile.ts'
import { largest, type Slot } from './slot.ts'

export interface Measured {
  /** In the metric's unit; null: nothing was measured. */
  value: number | null
  /** Requests a percentile is made of; null for the other metrics. */
  samples: number | null
}

export interface Measurement {
  at_ms: number
  window_s: number
  metrics: Readonly<Record<MetricName, Measured>>
  /** Running and waiting now; null unless every replica says so. */
  in_flight: number | null
  /** The most that waited at one moment of the window; null: not known. */
  waiting_max: number | null
  /** Why a replica gave no figures, in the words of the last scrape; null: all did. */
  problem: string | null
}

/**
 * Percentiles come from the merged buckets of the whole window, throughput from all its output tokens over the time
 * that was covered, GPU use is the mean of the scrapes. Queue depth is the engine's own word at the last scrape.
 */
export function measure(slots: readonly Slot[], windowS: number, problem: string | null = null): Measurement {
  const last = slots.at(-1)
  const percentile = (part: 'ttft' | 'e2e'): Measured => p99Ms(slots.flatMap((slot) => slot.increase[part]))
  const plain = (value: number | null): Measured => ({ value, samples: null })
  return {
    at_ms: last?.at_ms ?? 0,
    window_s: windowS,
    metrics: {
      inference_latency_p99: percentile('e2e'),
      ttft_p99: percentile('ttft'),
      throughput: plain(throughputOf(slots)),
      gpu_utilization: plain(meanOf(slots.flatMap((slot) => slot.gpu_utilization ?? []))),
      queue_depth: plain(last?.waiting ?? null),
    },
    in_flight: inFlightOf(last),
    waiting_max: largest(slots.map((slot) => slot.waiting)),
    problem,
  }
}

/** Milliseconds from buckets in seconds. */
export const percentileMs = (q: number, buckets: Buckets): number | null => {
  const seconds = quantile(q, buckets)
  return seconds === null ? null : seconds * 1000
}

const p99Ms = (buckets: Buckets): Measured => ({ value: percentileMs(0.99, buckets), samples: countOf(buckets) })

function throughputOf(slots: readonly Slot[]): number | null {
  const coveredS = slots.reduce((sum, slot) => sum + slot.covered_s, 0)
  return coveredS > 0 ? slots.reduce((sum, slot) => sum + slot.increase.generation_tokens, 0) / coveredS : null
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

const inFlightOf = (slot: Slot | undefined): number | null =>
  slot?.complete && slot.running !== null && slot.waiting !== null ? slot.running + slot.waiting : null
