/** Means and percentiles of a prediction, for those who want more than the limits ask for. */
import type { Estimate, Prediction } from '@bud/kernel'
import { formatFigure, formatMs } from '../../../prepare/format.ts'
import { formatInterval } from './targets.ts'

export interface PercentileCell {
  value: string
  interval: string | undefined
}

export interface PercentileRow {
  label: string
  mean: PercentileCell
  p50: PercentileCell
  p95: PercentileCell
  p99: PercentileCell
}

/** undefined: the prediction was made before percentiles were predicted. */
export function toPercentileRows({ percentiles, ttft_ms, tpot_ms, e2e_ms }: Prediction): PercentileRow[] | undefined {
  if (!percentiles) return undefined
  const rows = [
    { label: 'Time to first token', mean: ttft_ms, of: percentiles.ttft_ms },
    { label: 'Time per output token', mean: tpot_ms, of: percentiles.tpot_ms },
    { label: 'End to end', mean: e2e_ms, of: percentiles.e2e_ms },
  ]
  return rows.map(({ label, mean, of }) => ({
    label,
    mean: milliseconds(mean),
    p50: milliseconds(of.p50),
    p95: milliseconds(of.p95),
    p99: milliseconds(of.p99),
  }))
}

const milliseconds = (estimate: Estimate): PercentileCell => ({
  value: formatMs(estimate.value),
  interval: formatInterval(estimate, formatMs),
})

interface RateRow {
  label: string
  deployment: PercentileCell
  /** undefined: not predicted apart. */
  perReplica: PercentileCell | undefined
}

/** At the load and at saturation, for the deployment and for one replica. */
export function toRateRows(prediction: Prediction): RateRow[] {
  const { per_replica: one, max_requests_per_s: most } = prediction
  const tokens = (estimate: Estimate) => rate(estimate, 'tokens/s')
  return [
    {
      label: 'Output at this load',
      deployment: tokens(prediction.output_tokens_per_s),
      perReplica: one && tokens(one.output_tokens_per_s),
    },
    {
      label: 'Output at most',
      deployment: tokens(prediction.max_output_tokens_per_s),
      perReplica: one && tokens(one.max_output_tokens_per_s),
    },
    ...(most
      ? [
          {
            label: 'Requests at most',
            deployment: rate(most, 'requests/s'),
            perReplica: one && rate(one.max_requests_per_s, 'requests/s'),
          },
        ]
      : []),
  ]
}

const rate = (estimate: Estimate, unit: string): PercentileCell => ({
  value: `${formatFigure(estimate.value)} ${unit}`,
  interval: formatInterval(estimate, formatFigure),
})
