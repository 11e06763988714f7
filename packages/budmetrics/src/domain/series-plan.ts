/** Which step and window a chart of so many minutes has. */
import { minuteOf } from './minute.ts'
import { POINT_STEP_S, RING_MINUTES } from './point-ring.ts'

export interface SeriesPlan {
  from_ms: number
  to_ms: number
  step_s: number
  /** Percentiles and rates are over this long before (10 s steps) or within (longer steps) each point. */
  window_s: number
}

/** Minutes up to this are drawn one by one; above, five are merged into a point. */
const MINUTE_STEP_LIMIT = 24 * 60

export function planSeries(minutes: number, nowMs: number, windowS: number): SeriesPlan {
  const fromMs = nowMs - minutes * 60_000
  if (minutes <= RING_MINUTES) return { from_ms: fromMs, to_ms: nowMs, step_s: POINT_STEP_S, window_s: windowS }
  const stepS = minutes <= MINUTE_STEP_LIMIT ? 60 : 300
  return { from_ms: minuteOf(fromMs), to_ms: nowMs, step_s: stepS, window_s: stepS }
}
