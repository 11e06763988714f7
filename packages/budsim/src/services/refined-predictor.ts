/**
 * A predictor corrected by what was observed. Nothing is trained again; without a refinement, or where no observation
 * speaks, predictions are the base predictor's own.
 */
import type { Target } from '../domain/physics/calibrated.ts'
import type { ServingCase } from '../domain/physics/serving-case.ts'
import { applyRefinement } from '../domain/refinement/apply-refinement.ts'
import { type Observation, type Place, placeOf, residualsOf } from '../domain/refinement/observation.ts'
import type { Refinement } from '../domain/refinement/refine.ts'
import type { CasePrediction, CasePredictor } from './case-predictor.ts'

/** Its answers do not change: another refinement is another predictor. */
export function createRefinedPredictor(base: CasePredictor, refinement: Refinement): CasePredictor {
  return {
    id: base.id,
    predict(one) {
      const plain = base.predict(one)
      const place = placeIn(plain)
      const group = refinement.groupAt(place)
      if (!group) return plain
      return {
        ...plain,
        ...applyRefinement(plain.calibrated.subject, plain, place, group),
        refined: { id: refinement.id, observations: group.observations },
      }
    },
  }
}

export interface MeasuredCase {
  case: ServingCase
  /** Milliseconds, milliseconds, tokens per second of all replicas; null: not measured. */
  measured: Readonly<Record<Target, number | null>>
  /** How many plain measurements it is worth; default 1. */
  weight?: number
  observedAtMs?: number
}

/** What a measurement says about the predictor that is to be refined. */
export function observe(base: CasePredictor, { case: one, measured, weight, observedAtMs }: MeasuredCase): Observation {
  const predicted = base.predict(one)
  return {
    place: placeIn(predicted),
    residuals: residualsOf(measured, predicted.figures),
    weight: weight ?? 1,
    observedAtMs: observedAtMs ?? 0,
  }
}

const placeIn = ({ calibrated, novelty, familiar }: CasePrediction): Place =>
  placeOf(calibrated.subject, novelty, familiar)
