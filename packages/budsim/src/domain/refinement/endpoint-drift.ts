/**
 * Drift of one endpoint from its own observations. Loads differ from window to window and so do errors of predictions:
 * what the first windows say of each load is taken off before anything is called a shift, and loads they say nothing of
 * are left out.
 */
import type { Target } from '../physics/calibrated.ts'
import { BASELINE_WINDOWS, type Drift, detectDrift } from './detect-drift.ts'
import type { Observation } from './observation.ts'
import { refine } from './refine.ts'

export interface EndpointDrift extends Drift {
  /** What shifted; what is watched without a shift. */
  target: 'tpot' | 'ttft'
}

/** One window alone proves little about its load. */
const WINDOW_WEIGHT = 0.3
const LEAST_EXPLAINED = 0.3

/** `history` by time, oldest first, all of one configuration. Time per token first: it repeats better. */
export function driftOf(history: readonly Observation[]): EndpointDrift {
  // The strength of what was trained says nothing about how figures change: every window counts as of a new model.
  const windows = history.map((one) => ({
    ...one,
    weight: WINDOW_WEIGHT,
    place: { ...one.place, familiar: false },
  }))
  const usual = refine('baseline', windows.slice(0, BASELINE_WINDOWS))
  const drifts = (['tpot', 'ttft'] as const).map((target) => ({
    target,
    ...detectDrift(windows.flatMap((one) => beyondUsual(one, target, usual))),
  }))
  return drifts.find(({ drifting }) => drifting) ?? (drifts[0] as EndpointDrift)
}

function beyondUsual(
  { place, residuals, observedAtMs }: Observation,
  target: Target,
  usual: ReturnType<typeof refine>,
) {
  const residual = residuals[target]
  const known = usual.groupAt(place)?.at(target, place)
  if (residual === null || !known || known.explained < LEAST_EXPLAINED) return []
  return [{ atMs: observedAtMs, residual: residual - known.offset }]
}
