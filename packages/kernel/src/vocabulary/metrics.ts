/** The guide's five metrics and alert rules as data. */
import { z } from 'zod'
import { Timestamp } from './common.ts'

export const MetricName = z.enum(['inference_latency_p99', 'ttft_p99', 'throughput', 'gpu_utilization', 'queue_depth'])
export type MetricName = z.infer<typeof MetricName>

export const metricUnits: Record<MetricName, 'ms' | 'tokens/s' | 'percent' | 'requests'> = {
  inference_latency_p99: 'ms',
  ttft_p99: 'ms',
  throughput: 'tokens/s',
  gpu_utilization: 'percent',
  queue_depth: 'requests',
}

/** Fires when `metric op threshold` has held for `for_s`, on at least `min_samples` requests. */
export const AlertRule = z.object({
  metric: MetricName,
  op: z.enum(['>', '<']),
  threshold: z.number().nullable().describe('In the metric’s unit; null: no target set, the rule sleeps.'),
  for_s: z.number().int().nonnegative(),
  min_samples: z.number().int().nonnegative().describe('Requests in the window below which a percentile says nothing.'),
  only_when_queued: z.boolean().describe('Counts only while requests wait.'),
  source: z.enum(['default', 'approved-target', 'edited']),
})
export type AlertRule = z.infer<typeof AlertRule>

export const Alert = z.object({
  id: z.string(),
  endpoint_id: z.string(),
  endpoint_name: z.string(),
  metric: MetricName,
  state: z.enum(['pending', 'firing', 'resolved']),
  rule: AlertRule,
  value: z.number().describe('At the last evaluation, or the last one before it resolved.'),
  message: z.string(),
  pending_at: Timestamp,
  firing_at: Timestamp.nullable(),
  resolved_at: Timestamp.nullable(),
})
export type Alert = z.infer<typeof Alert>

/** `value` null = nothing was measured: a gap, never a zero. */
export const SeriesPoint = z.object({ at: Timestamp, value: z.number().nullable() })
export const MetricSeries = z.object({
  metric: MetricName,
  unit: z.string(),
  source: z.string().describe('Where it was measured, e.g. "vllm /metrics" or "DCGM".'),
  latest: z.number().nullable(),
  points: z.array(SeriesPoint),
})
export type MetricSeries = z.infer<typeof MetricSeries>
