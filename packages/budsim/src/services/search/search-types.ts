/** What a search is asked and what it answers. */
import type {
  Candidate,
  Deployment,
  EngineName,
  GpuSpec,
  ModelFacts,
  Objective,
  Prediction,
  Reason,
  RejectedGroup,
  Targets,
  Workload,
} from '@bud/kernel'
import type { FreeNode } from '../../domain/plan-placement.ts'
import type { Predictor } from '../../ports.ts'

export interface SearchQuery {
  facts: ModelFacts
  workload: Workload
  targets: Targets
  objective: Objective
  /** Engines to consider; all when left out. */
  runtimes?: readonly EngineName[] | undefined
  /** GPUs free on each node; an endpoint that is re-optimised counts its own as free. */
  nodes: readonly FreeNode[]
  gpus: readonly GpuSpec[]
  predictor: Predictor
  /** The cluster can spread one replica's pipeline over nodes. Default: false. */
  pipeline_across_nodes?: boolean | undefined
}

export interface SearchResult {
  candidates: Candidate[]
  nearest_misses: Candidate[]
  rejected: RejectedGroup[]
  searched: number
  elapsed_ms: number
  method: string
  feasible: boolean
}

/** One engine on one GPU type in one layout: its variants differ in batch limits and replicas alone. */
export interface Shape {
  runtime: EngineName
  gpu: GpuSpec
  tensorParallelSize: number
  pipelineParallelSize: number
  nodes: readonly FreeNode[]
  maxReplicas: number
}

/** A limit that a prediction does not hold. `excess` is ln(value ÷ limit) turned so that 0 = held. */
export interface Miss {
  reason: Reason
  excess: number
}

export interface Evaluated {
  deployment: Deployment
  prediction: Prediction
}

export interface MissedBy extends Evaluated {
  misses: Miss[]
  shape: Shape
}
