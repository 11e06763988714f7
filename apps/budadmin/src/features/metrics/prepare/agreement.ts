/** Is what is measured as it was predicted? Told only where the predictor stated an interval. */
import type { Estimate, MetricName, Prediction } from '@bud/kernel'
import { metricTexts } from '../../../prepare/metrics.ts'
import type { Tone } from '../../../prepare/states.ts'

export interface Agreement {
  tone: Tone
  word: string
}

/** The predicted figure of a metric; the others are not predicted. */
export function predictedOf(metric: MetricName, prediction: Prediction | null | undefined): Estimate | undefined {
  if (metric === 'ttft_p99') return prediction?.ttft_ms_p99
  if (metric === 'inference_latency_p99') return prediction?.e2e_ms_p99
  return metric === 'throughput' ? prediction?.output_tokens_per_s : undefined
}

/** undefined: nothing measured, or no interval to hold it against. */
export function agreementOf(
  metric: MetricName,
  measured: number | null,
  predicted: Estimate | undefined,
): Agreement | undefined {
  if (measured === null || !predicted || predicted.low === null || predicted.high === null) return undefined
  if (measured >= predicted.low && measured <= predicted.high) return { tone: 'good', word: 'as predicted' }
  const above = measured > predicted.high
  // Less throughput may only mean that less was asked.
  if (metric === 'throughput') return { tone: 'idle', word: above ? 'above the interval' : 'below the interval' }
  return above ? { tone: 'warn', word: 'slower than predicted' } : { tone: 'good', word: 'faster than predicted' }
}

interface Compared {
  metric: MetricName
  agreement: Agreement | undefined
}

/** The answer above the charts: "Slower than predicted: time to first token, p99." */
export function describeAgreement(metrics: readonly Compared[], predicted: Prediction | null | undefined): Agreement {
  if (!predicted) return { tone: 'idle', word: 'Nothing was predicted for this revision.' }
  if (predictedOf('ttft_p99', predicted)?.high === null)
    return { tone: 'idle', word: 'The prediction states no interval to hold measurements against.' }
  const latencies = metrics.filter(({ metric, agreement }) => metric !== 'throughput' && agreement)
  if (latencies.length === 0) return { tone: 'idle', word: 'Nothing measured just now to hold against the prediction.' }
  const slower = latencies.filter(({ agreement }) => agreement?.tone === 'warn')
  if (slower.length > 0) return { tone: 'warn', word: `Slower than predicted: ${namesOf(slower)}.` }
  return { tone: 'good', word: `As predicted or faster: ${namesOf(latencies)}.` }
}

const namesOf = (metrics: readonly Compared[]): string =>
  metrics.map(({ metric }) => metricTexts[metric].title.toLowerCase()).join(' and ')
