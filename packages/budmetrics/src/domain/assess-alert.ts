/** The life of one alert: inactive → pending → firing → resolved, each with its reason. */
import type { AlertRule } from '@bud/kernel'
import type { Condition } from './assess-condition.ts'
import { duration, isoTime } from './figures.ts'

/** An alert that is pending or firing; times in milliseconds since the epoch. */
export interface OpenAlert {
  state: 'pending' | 'firing'
  pending_at_ms: number
  firing_at_ms: number | null
  /** Since when the condition has been clear without a hole; only while firing. */
  clear_since_ms: number | null
  /** Since when nothing can be told. */
  unknown_since_ms: number | null
  /** The last one that was measured. */
  value: number
  message: string
}

export type AlertAssessment =
  | { state: 'inactive' }
  | { state: 'pending' | 'firing'; alert: OpenAlert }
  | { state: 'resolved'; alert: OpenAlert }

/** A pending alert outlives this long without a figure; then its `for` would claim what nobody saw. */
const PENDING_WITHOUT_DATA_MS = 60_000

/** A firing alert resolves when its condition was clear for as long as it took to fire, at most for this long. */
const LONGEST_CLEAR_MS = 30_000

/**
 * One evaluation. Flapping: any clear moment ends a pending alert, and a firing one stays through clear moments
 * shorter than `min(for_s, 30 s)`. Missing data never resolves: a firing alert stays and says since when it is blind.
 */
export function assessAlert(
  previous: OpenAlert | undefined,
  rule: AlertRule,
  condition: Condition,
  nowMs: number,
): AlertAssessment {
  const open = previous && isLost(previous, nowMs) ? undefined : previous
  switch (condition.verdict) {
    case 'breached':
      return assessBreach(open, rule, condition, nowMs)
    case 'clear':
      return assessClear(open, rule, condition, nowMs)
    case 'unknown':
      return assessUnknown(open, condition, nowMs)
  }
}

const isLost = (alert: OpenAlert, nowMs: number): boolean =>
  alert.state === 'pending' &&
  alert.unknown_since_ms !== null &&
  nowMs - alert.unknown_since_ms > PENDING_WITHOUT_DATA_MS

function assessBreach(
  open: OpenAlert | undefined,
  rule: AlertRule,
  condition: Condition,
  nowMs: number,
): AlertAssessment {
  const pendingAtMs = open?.pending_at_ms ?? nowMs
  const heldMs = nowMs - pendingAtMs
  const firing = open?.state === 'firing' || heldMs >= rule.for_s * 1000
  const state = firing ? 'firing' : 'pending'
  const held = firing ? duration(heldMs) : `${duration(heldMs)} of ${duration(rule.for_s * 1000)}`
  return {
    state,
    alert: {
      state,
      pending_at_ms: pendingAtMs,
      firing_at_ms: firing ? (open?.firing_at_ms ?? nowMs) : null,
      clear_since_ms: null,
      unknown_since_ms: null,
      value: condition.value ?? open?.value ?? 0,
      message: `${condition.message}, for ${held}.`,
    },
  }
}

function assessClear(
  open: OpenAlert | undefined,
  rule: AlertRule,
  condition: Condition,
  nowMs: number,
): AlertAssessment {
  if (open?.state !== 'firing') return { state: 'inactive' }
  const clearSinceMs = open.clear_since_ms ?? nowMs
  const clearMs = nowMs - clearSinceMs
  const neededMs = rule.threshold === null ? 0 : Math.min(rule.for_s * 1000, LONGEST_CLEAR_MS)
  const resolved = clearMs >= neededMs
  const fired = duration(nowMs - (open.firing_at_ms ?? nowMs))
  const tail = resolved ? `; fired for ${fired}` : `, for ${duration(clearMs)} of ${duration(neededMs)}`
  const alert: OpenAlert = {
    ...open,
    clear_since_ms: clearSinceMs,
    unknown_since_ms: null,
    value: condition.value ?? open.value,
    message: `${condition.message}${tail}.`,
  }
  return resolved ? { state: 'resolved', alert } : { state: 'firing', alert }
}

function assessUnknown(open: OpenAlert | undefined, condition: Condition, nowMs: number): AlertAssessment {
  if (!open) return { state: 'inactive' }
  const unknownSinceMs = open.unknown_since_ms ?? nowMs
  const since = `${condition.value === null ? 'No data' : 'Too little data'} since ${isoTime(unknownSinceMs)}`
  const alert: OpenAlert = {
    ...open,
    clear_since_ms: null,
    unknown_since_ms: unknownSinceMs,
    message: `${since}: ${condition.message}. Stays ${open.state} until it can be told.`,
  }
  return { state: open.state, alert }
}

/** For an alert whose endpoint no longer exists. */
export const resolveDeleted = (open: OpenAlert, endpointName: string): OpenAlert => ({
  ...open,
  message: `The endpoint ${endpointName} was deleted.`,
})
