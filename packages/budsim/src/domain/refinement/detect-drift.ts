/**
 * Whether what an endpoint shows has moved away from what it used to show: a two-sided CUSUM (Page 1954) on log
 * residuals. Shifts larger than a noise's breadth add up until they cannot be chance; one wild window cannot do it alone.
 */
import { median } from '../averages.ts'

export interface ResidualWindow {
  atMs: number
  /** ln(measured ÷ predicted). */
  residual: number
}

export interface Drift {
  drifting: boolean
  /** First window of the present drift; null when there is none. */
  sinceMs: number | null
  /** Middles of the residuals before and since; null without enough windows, `to` also without drift. */
  from: number | null
  to: number | null
}

/** Windows that say what is usual; fewer say nothing. */
export const BASELINE_WINDOWS = 24
/** In breadths of the noise: what is left of a deviation, what it may add up to, the most one window adds or weighs. */
const SLACK = 1
const THRESHOLD = 7
const MOST_DEVIATION = 4
const MOST_SUM = THRESHOLD + 4
/** What figures of serving repeat by where nothing is known, and how many windows that knowledge is worth. */
const EXPECTED_NOISE = 0.07
const EXPECTED_WINDOWS = 12
/** A shift smaller than this is nobody's concern. */
const LEAST_SHIFT = 0.07
const MAD_TO_DEVIATION = 1.4826

/** `history` by time, oldest first. The first windows are the baseline. */
export function detectDrift(history: readonly ResidualWindow[]): Drift {
  const baseline = history.slice(0, BASELINE_WINDOWS).map(({ residual }) => residual)
  if (baseline.length < BASELINE_WINDOWS) return { drifting: false, sinceMs: null, from: null, to: null }
  const usual = trimmedMean(baseline)
  const noise = noiseOf(baseline.map((value) => Math.abs(value - usual)))
  const since = [1, -1].flatMap((direction) => {
    const start = driftStart(history.slice(BASELINE_WINDOWS), (residual) => ((residual - usual) / noise) * direction)
    return start === undefined ? [] : [start + BASELINE_WINDOWS]
  })
  const start = Math.min(...since)
  const to = median(history.slice(start).map(({ residual }) => residual))
  return since.length === 0 || Math.abs(to - usual) < LEAST_SHIFT
    ? { drifting: false, sinceMs: null, from: usual, to: null }
    : { drifting: true, sinceMs: history[start]?.atMs ?? null, from: usual, to }
}

function noiseOf(deviations: readonly number[]): number {
  const own = (median(deviations) * MAD_TO_DEVIATION) ** 2
  const count = deviations.length
  return Math.sqrt((own * count + EXPECTED_NOISE ** 2 * EXPECTED_WINDOWS) / (count + EXPECTED_WINDOWS))
}

/** Index of the window a drift upwards began with that has not ended; undefined: none. */
function driftStart(history: readonly ResidualWindow[], deviation: (residual: number) => number): number | undefined {
  let sum = 0
  let start = 0
  let alarmed: number | undefined
  for (const [i, { residual }] of history.entries()) {
    if (sum === 0) start = i
    const added = Math.min(Math.max(deviation(residual), -MOST_DEVIATION), MOST_DEVIATION) - SLACK
    sum = Math.min(Math.max(sum + added, 0), MOST_SUM)
    if (sum > THRESHOLD) alarmed ??= start
    if (sum === 0) alarmed = undefined
  }
  return alarmed
}

/** Of the middle four fifths: nearly as exact as the mean, and not moved by a wild window. */
function trimmedMean(values: readonly number[]): number {
  const cut = Math.floor(values.length / 10)
  const kept = [...values].sort((a, b) => a - b).slice(cut, values.length - cut)
  return kept.reduce((sum, value) => sum + value, 0) / kept.length
}
