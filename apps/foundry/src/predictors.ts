/** Predictions of each project: one trained model, refined by what the project's endpoints showed. */
import {
  type CasePredictor,
  createCasePredictor,
  createTrainedPredictor,
  type Predictor,
  type Refinement,
} from '@bud/budsim'
import type { ReferenceData } from '@bud/budsim/adapters/reference-data'
import { loadTrainedModel } from '@bud/budsim/adapters/trained-model'

export interface Predictors {
  /** Unrefined: what measurements are compared with. */
  cases: CasePredictor
  /** The same object for a project as long as the process runs, once it has a refinement. */
  of(projectId: string, refinementOf: (projectId: string) => Refinement | null): Predictor
}

export function createPredictors(reference: ReferenceData): Predictors {
  const parts = { ...reference, model: loadTrainedModel() }
  const plain = createTrainedPredictor(parts)
  const refined = new Map<string, Predictor>()
  return {
    cases: createCasePredictor(parts.model, parts.kernels),
    of(projectId, refinementOf) {
      const known = refined.get(projectId)
      if (known || refinementOf(projectId) === null) return known ?? plain
      const made = createTrainedPredictor({ ...parts, refinement: () => refinementOf(projectId) })
      refined.set(projectId, made)
      return made
    },
  }
}
