/** Alerts and their rules in words. */
import type { Alert, AlertRule } from '@bud/kernel'
import { formatDuration, plural } from '../../../prepare/format.ts'
import { formatMetric, metricTexts } from '../../../prepare/metrics.ts'

/** Since when it has been in its state. */
export const sinceOf = (alert: Alert): string => alert.resolved_at ?? alert.firing_at ?? alert.pending_at

/** "1 alert fires, 2 pending." */
export function describeAlerts(alerts: readonly Alert[]): string {
  const firing = alerts.filter((alert) => alert.state === 'firing').length
  const pending = alerts.filter((alert) => alert.state === 'pending').length
  if (firing === 0 && pending === 0) return 'Nothing fires.'
  const now = firing === 0 ? 'Nothing fires' : `${plural(firing, 'alert')} ${firing === 1 ? 'fires' : 'fire'}`
  return pending === 0 ? `${now}.` : `${now}, ${pending} pending.`
}

/** "p99 > 500 ms for 1 min, on at least 20 requests". */
export function describeRule(rule: AlertRule): string {
  if (rule.threshold === null) return 'Sleeps: no target is set.'
  const parts = [
    `${rule.op} ${formatMetric(rule.metric, rule.threshold)}`,
    rule.for_s > 0 ? `for ${formatDuration(rule.for_s * 1000)}` : 'at once',
    rule.min_samples > 0 ? `on at least ${plural(rule.min_samples, 'request')}` : undefined,
    rule.only_when_queued ? 'while requests wait' : undefined,
  ]
  return parts
    .filter((part) => part !== undefined)
    .join(', ')
    .replace(', for', ' for')
    .replace(', at once', ' at once')
}

export const ruleTitle = (rule: AlertRule): string => metricTexts[rule.metric].title

export const sourceTexts: Record<AlertRule['source'], string> = {
  default: 'default',
  'approved-target': 'from the approved limits',
  edited: 'edited here',
}
