/** What budsim needs from elsewhere, or lets others provide. */
import type { Deployment, GpuSpec, ModelFacts, Prediction, Workload } from '@bud/kernel'

export interface PredictionQuery {
  facts: ModelFacts
  /** `resources.gpu_type` may be an alias: `gpu` is what it stands for. */
  deployment: Deployment
  gpu: GpuSpec
  workload: Workload
}

/**
 * Foretells speed, memory and cost of one deployment under one load. Pure and fast (≤ 0.5 ms): searches call it
 * thousands of times. Every query is answered with finite figures; what does not fit says so in `memory`.
 */
export interface Predictor {
  /** Name and version, e.g. "trees-2026.11"; stored beside what it predicted. */
  readonly id: string
  predict(query: PredictionQuery): Prediction
}
