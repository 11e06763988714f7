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
  Remedy,
  SearchMethod,
  SmallerSibling,
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
  /** The cluster can spread one replica over nodes. Default: false. */
  pipeline_across_nodes?: boolean | undefined
  /** How sure each latency and rate limit must be held, 0.5–0.99. Default: DEFAULT_CONFIDENCE. */
  confidence?: number | undefined
  /** Also consider FP8 quantisation while loading and an FP8 cache. Default: false. */
  allow_quantization?: boolean | undefined
  /** Share of GPU memory kept free, 0.02–0.5. Default: 0.1. */
  memory_headroom?: number | undefined
  /** Default: auto. */
  search?: SearchMethod | undefined
  /** Of the genetic search. Default: 1. */
  seed?: number | undefined
  /** The next smaller model of the family, to be searched under the same limits. */
  sibling?: { name: string; facts: ModelFacts } | undefined
}

export interface SearchResult {
  candidates: Candidate[]
  /** When nothing holds: the nearest for each limit, with what would make it hold in `why`. */
  nearest_misses: Candidate[]
  rejected: RejectedGroup[]
  /** Configurations accounted for: listed, or in one group of those turned down. */
  searched: number
  elapsed_ms: number
  /** Which search answered, how much of the space it looked at, and what that proves. */
  method: string
  feasible: boolean
  pareto: Candidate[]
  sibling: SmallerSibling | null
  confidence: number
  /** On the question: limits that never bind because another is stricter. */
  remarks: Reason[]
  /** Of each nearest miss, in order: changes of the question that each make it feasible, checked. */
  remedies: Remedy[][]
  /** Configurations that could run here, and those of them that were predicted. */
  space: number
  evaluated: number
}

/** One engine on one GPU type in one layout and number format: its variants differ in batch limits and replicas alone. */
export interface Shape {
  runtime: EngineName
  gpu: GpuSpec
  tensorParallelSize: number
  pipelineParallelSize: number
  dataParallelSize: number
  expertParallel: boolean
  quantization: 'fp8' | undefined
  kvCacheDtype: 'auto' | 'fp8'
  nodes: readonly FreeNode[]
  maxReplicas: number
}

export type Constraint = keyof Targets | 'load' | 'room'

/** A limit that a prediction does not hold. `excess` is ln(value ÷ limit) turned so that 0 = held. */
export interface Miss {
  constraint: Constraint
  reason: Reason
  excess: number
  /** What the figure came to, at the confidence asked for. */
  reached: number
}

export interface Evaluated {
  deployment: Deployment
  prediction: Prediction
}

export interface MissedBy extends Evaluated {
  misses: Miss[]
  shape: Shape
}
