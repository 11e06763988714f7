/** The five alert rules as data: the guide's thresholds, overridden by approved targets, overridden by edits. */
import type { AlertRule, MetricName, Targets } from '@bud/kernel'
import { METRICS } from './point-ring.ts'

/**
 * What an unedited rule says. Thresholds are the guide's; throughput has none until a target is approved, and counts
 * only while requests wait: an endpoint without work has no throughput to miss. `min_samples` are the 100 requests in
 * five minutes that the percentile of a rule needs, brought to a window of one.
 */
const defaults: Readonly<Record<MetricName, Omit<AlertRule, 'metric' | 'source'>>> = {
  inference_latency_p99: { op: '>', threshold: 2000, for_s: 300, min_samples: 20, only_when_queued: false },
  ttft_p99: { op: '>', threshold: 500, for_s: 300, min_samples: 20, only_when_queued: false },
  throughput: { op: '<', threshold: null, for_s: 600, min_samples: 0, only_when_queued: true },
  gpu_utilization: { op: '>', threshold: 95, for_s: 900, min_samples: 0, only_when_queued: true },
  queue_depth: { op: '>', threshold: 100, for_s: 120, min_samples: 0, only_when_queued: false },
}

/** What people have set for one metric of one endpoint; null: not set. */
export interface RuleSetting {
  metric: MetricName
  /** From the targets approved with the deployment. */
  target: number | null
  threshold: number | null
  for_s: number | null
  min_samples: number | null
}

/** The rules in force, one for each metric. An edited field beats the target, a target beats the default. */
export function rulesInForce(settings: readonly RuleSetting[]): AlertRule[] {
  return METRICS.map((metric) => {
    const base = defaults[metric]
    const set = settings.find((setting) => setting.metric === metric)
    return {
      metric,
      ...base,
      threshold: set?.threshold ?? set?.target ?? base.threshold,
      for_s: set?.for_s ?? base.for_s,
      min_samples: set?.min_samples ?? base.min_samples,
      source: sourceOf(set),
    }
  })
}

function sourceOf(set: RuleSetting | undefined): AlertRule['source'] {
  if (!set) return 'default'
  if (set.threshold !== null || set.for_s !== null || set.min_samples !== null) return 'edited'
  return set.target === null ? 'default' : 'approved-target'
}

/** The thresholds that targets give; null: this target is not set. */
export function targetThresholds(targets: Targets): { metric: MetricName; target: number | null }[] {
  return [
    { metric: 'ttft_p99', target: targets.ttft_ms ?? null },
    { metric: 'inference_latency_p99', target: targets.e2e_ms ?? null },
    { metric: 'throughput', target: targets.tokens_per_s ?? null },
  ]
}
