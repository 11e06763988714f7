/** Whether a rule's condition holds right now: breached, clear, or not to be told. */
import type { AlertRule, MetricName } from '@bud/kernel'
import { duration, figure } from './figures.ts'
import type { Measurement } from './measurement.ts'

export interface Condition {
  verdict: 'breached' | 'clear' | 'unknown'
  /** null: nothing was measured. */
  value: number | null
  /** The arithmetic, without a full stop. */
  message: string
}

/**
 * Clear needs evidence: no figure is no health. An endpoint whose engines answer, hold no request and served none in
 * the window is clear, though it has no percentile; one with requests in flight of which none ends is unknown. Fewer
 * than `min_samples` requests can show that a limit is kept, never that it is broken.
 */
export function assessCondition(rule: AlertRule, measurement: Measurement): Condition {
  const { value, samples } = measurement.metrics[rule.metric]
  const { threshold } = rule
  if (threshold === null) return { verdict: 'clear', value, message: `no target is set for ${rule.metric}` }
  if (rule.only_when_queued && measurement.waiting_max === null)
    return { verdict: 'unknown', value, message: noData('queue_depth', measurement) }
  if (rule.only_when_queued && measurement.waiting_max === 0)
    return { verdict: 'clear', value, message: `no request waits; ${rule.metric} counts only while one does` }
  if (value === null) return withoutValue(rule, measurement)
  const breached = rule.op === '>' ? value > threshold : value < threshold
  const message = `${comparison(rule, value, threshold, breached)}${evidence(rule, samples, measurement)}`
  if (breached && samples !== null && samples < rule.min_samples)
    return { verdict: 'unknown', value, message: `${message}: fewer than ${rule.min_samples} requests show nothing` }
  return { verdict: breached ? 'breached' : 'clear', value, message }
}

function withoutValue(rule: AlertRule, measurement: Measurement): Condition {
  const { metrics, in_flight, window_s } = measurement
  const { samples } = metrics[rule.metric]
  const window = duration(window_s * 1000)
  if (samples !== null && in_flight === 0)
    return { verdict: 'clear', value: null, message: `no request in the last ${window}, none in flight` }
  if (samples !== null && in_flight !== null)
    return { verdict: 'unknown', value: null, message: `none of ${in_flight} requests in flight ended in ${window}` }
  return { verdict: 'unknown', value: null, message: noData(rule.metric, measurement) }
}

const noData = (metric: MetricName, { problem }: Measurement): string =>
  `no data for ${metric}${problem === null ? '' : ` (${problem})`}`

function comparison(rule: AlertRule, value: number, threshold: number, breached: boolean): string {
  const clearOp = rule.op === '>' ? '≤' : '≥'
  const limit = figure(rule.metric, threshold)
  return `${rule.metric} ${figure(rule.metric, value)} ${breached ? rule.op : clearOp} ${limit}`
}

function evidence(rule: AlertRule, samples: number | null, { window_s, waiting_max }: Measurement): string {
  if (samples !== null) return ` over ${samples} requests in ${duration(window_s * 1000)}`
  return rule.only_when_queued ? ` with up to ${waiting_max} waiting` : ''
}
