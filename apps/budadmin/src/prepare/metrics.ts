/** The five metrics as people call them, and their values with units. */
import { type MetricName, metricUnits } from '@bud/kernel'
import { formatFigure, formatMs, formatShare } from './format.ts'

interface MetricText {
  title: string
  /** What is measured, in one line. */
  meaning: string
}

export const metricTexts: Record<MetricName, MetricText> = {
  ttft_p99: { title: 'Time to first token, p99', meaning: '99 of 100 requests get their first token within this time' },
  inference_latency_p99: {
    title: 'End-to-end latency, p99',
    meaning: '99 of 100 requests are answered whole within this time',
  },
  throughput: { title: 'Throughput', meaning: 'Output tokens per second, all replicas together' },
  gpu_utilization: { title: 'GPU utilisation', meaning: 'Mean over the GPUs of this endpoint' },
  queue_depth: { title: 'Queue depth', meaning: 'Requests that wait for a place in a batch' },
}

export const metricOrder: readonly MetricName[] = [
  'ttft_p99',
  'inference_latency_p99',
  'throughput',
  'queue_depth',
  'gpu_utilization',
]

/** A value with its unit: "312 ms", "1,840 tokens/s", "64 %". */
export function formatMetric(metric: MetricName, value: number | null | undefined): string {
  const unit = metricUnits[metric]
  if (unit === 'ms') return formatMs(value)
  if (value === null || value === undefined) return formatFigure(value)
  if (unit === 'percent') return formatShare(value / 100)
  return `${formatFigure(value)} ${unit}`
}
