/** A minute of one endpoint as it is kept for 30 days: buckets and sums, from which any longer step is made. */
import type { MetricName } from '@bud/kernel'
import { type Increase, sumIncreases } from './increase.ts'
import { percentileMs } from './measurement.ts'
import { largest, type Slot } from './slot.ts'

const MINUTE_MS = 60_000

export interface Minute extends Increase {
  minute_ms: number
  covered_s: number
  running_max: number | null
  waiting_max: number | null
  kv_usage_max: number | null
  /** Sum and number of the scrapes' means, so that minutes average rightly. */
  gpu_percent_sum: number
  gpu_samples: number
}

export const minuteOf = (atMs: number): number => Math.floor(atMs / MINUTE_MS) * MINUTE_MS

/** Of the slots of one minute, in any order. */
export function rollUp(minuteMs: number, slots: readonly Slot[]): Minute {
  const gpu = slots.flatMap((slot) => slot.gpu_utilization ?? [])
  return {
    minute_ms: minuteMs,
    ...sumIncreases(slots.map((slot) => slot.increase)),
    covered_s: sum(slots.map((slot) => slot.covered_s)),
    running_max: largest(slots.map((slot) => slot.running)),
    waiting_max: largest(slots.map((slot) => slot.waiting)),
    kv_usage_max: largest(slots.map((slot) => slot.kv_usage)),
    gpu_percent_sum: sum(gpu),
    gpu_samples: gpu.length,
  }
}

/** What a chart of minutes needs of one. */
export type ChartMinute = Pick<
  Minute,
  'minute_ms' | 'covered_s' | 'generation_tokens' | 'ttft' | 'e2e' | 'waiting_max' | 'gpu_percent_sum' | 'gpu_samples'
>

/** The five metrics over some minutes: percentiles from their merged buckets, queue depth the largest that was seen. */
export function measureMinutes(minutes: readonly ChartMinute[]): Record<MetricName, number | null> {
  const p99 = (part: 'ttft' | 'e2e') =>
    percentileMs(
      0.99,
      minutes.flatMap((minute) => minute[part]),
    )
  const coveredS = sum(minutes.map((minute) => minute.covered_s))
  const gpuSamples = sum(minutes.map((minute) => minute.gpu_samples))
  return {
    inference_latency_p99: p99('e2e'),
    ttft_p99: p99('ttft'),
    throughput: coveredS > 0 ? sum(minutes.map((minute) => minute.generation_tokens)) / coveredS : null,
    gpu_utilization: gpuSamples > 0 ? sum(minutes.map((minute) => minute.gpu_percent_sum)) / gpuSamples : null,
    queue_depth: largest(minutes.map((minute) => minute.waiting_max)),
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
