/**
 * One replica group under one load, as the physics and the trees see it: the common form of a measured row and of a
 * deployment with a workload.
 */
import type { EngineName, GpuSpec, ModelFacts } from '@bud/kernel'
import type { ExpertFormat, GemmFormat } from '../kernels/roofline.ts'

/** What was, or will be, done to the engine. First-token times of different scenarios are different quantities. */
export type Scenario =
  | 'closed-loop'
  | 'disaggregated'
  | 'open-loop'
  | 'offline'
  | 'saturation'
  | 'burst'
  | 'static-batch'

/** Engines with measured rows that the product does not deploy: their overheads are their own. */
export const LEGACY_ENGINES = [
  'tgis',
  'llama.cpp',
  'deepspeed',
  'deepspeed-mii',
  'lmdeploy-turbomind',
  'sambaflow',
] as const
export type LegacyEngine = (typeof LEGACY_ENGINES)[number]
export type ServingEngine = EngineName | LegacyEngine

export interface ReplicaLayout {
  tensorParallel: number
  pipelineParallel: number
  /** Attention ranks of one replica that share its experts (attention data parallel); 1 = none. */
  dataParallel: number
  /** GPUs over which whole experts are spread; 1 = every expert is sliced. */
  expertParallel: number
}

/** Number formats of the parts of a replica. */
export interface ReplicaFormats {
  attention: GemmFormat
  dense: GemmFormat
  experts: ExpertFormat
  kv: 'bf16' | 'fp8'
}

/** What a replica is made of; all its step times depend on this alone. */
export interface ReplicaBuild {
  facts: ModelFacts
  gpu: GpuSpec
  engine: ServingEngine
  layout: ReplicaLayout
  formats: ReplicaFormats
}

export interface ServingCase {
  build: ReplicaBuild
  engineVersion: string | null
  scenario: Scenario
  /** Independent replicas that share the load. */
  replicas: number
  inputTokens: number
  /** Of the prompt's tokens, those found in the prefix cache. */
  cachedTokens: number
  outputTokens: number
  /** Squared coefficient of variation of answer lengths. Default: 0. */
  outputVariance?: number
  /** Requests in flight over all replicas; null where a rate is given or nothing is stated. */
  concurrency: number | null
  /** Arrivals per second over all replicas; Infinity = all at once. */
  requestsPerS: number | null
  /** Sequences decoded together per replica rank, at most; null = not stated. */
  maxNumSeqs: number | null
  maxNumBatchedTokens: number
  /** Tokens each sequence brings into a step, and how many of them come out. Default: one. */
  speculation?: { draftedTokens: number; acceptedTokens: number } | undefined
  /** Steps a new request waits for the scheduler, where a published benchmark recipe makes it wait. Default: none. */
  schedulerWaitSteps?: number
  /** Share of a whole answer ÷ concurrency that a benchmark's client adds to first tokens. Default: none. */
  clientShare?: number
  /** KV-cache memory of one GPU. */
  kvCacheBytes: number
}

export const isLegacy = (engine: ServingEngine): engine is LegacyEngine =>
  (LEGACY_ENGINES as readonly string[]).includes(engine)

/** Attention ranks over all replicas: each decodes its own share of the sequences. */
export const ranksOf = ({ replicas, build }: ServingCase): number => replicas * build.layout.dataParallel

export const gpusPerReplica = ({ tensorParallel, pipelineParallel, dataParallel }: ReplicaLayout): number =>
  tensorParallel * pipelineParallel * dataParallel
