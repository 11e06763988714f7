/** Actual against predicted in words. */
import type { EndpointObservations } from '@bud/contract'

/** "+8 %": by how much the measured figure is above the predicted one; undefined when it was not measured. */
export function deviation(measured: number | null, predicted: number): string | undefined {
  if (measured === null || predicted <= 0) return undefined
  const percent = Math.round((measured / predicted - 1) * 100)
  return percent === 0 ? '±0 %' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`
}

/** What predictions have learnt here. */
export function learntText({ refinement, observations }: EndpointObservations): string {
  if (observations.length === 0)
    return 'Compared every five minutes, once a minute of service with 20 requests was measured.'
  return refinement === null
    ? 'Predictions are not refined by what was measured.'
    : `Predictions are refined by what was measured: version ${refinement}.`
}

/** Undefined while the endpoint does what it used to do. */
export function driftText({ drift }: EndpointObservations): string | undefined {
  if (!drift?.drifting) return undefined
  const what = drift.target === 'ttft' ? 'Time to first token' : 'Time per output token'
  const percent = Math.round(((drift.to_ratio ?? 1) / (drift.from_ratio ?? 1) - 1) * 100)
  return `${what} has ${percent >= 0 ? 'grown' : 'fallen'} by ${Math.abs(percent)} % against what this endpoint used to show.`
}
