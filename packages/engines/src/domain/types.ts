/** The shapes of what is known about an engine: data, so that a version is a row and never a branch. */
import type { EngineName, ReplicaPhase } from '@bud/kernel'

export type MetricType = 'gauge' | 'counter' | 'histogram' | 'summary'

/** One metric family as the engine exposes it. */
export interface MetricFamily {
  /** The exposed name: counters with `_total`, histograms without `_bucket`. */
  name: string
  type: MetricType
  /** Labels of every sample, without `le`. */
  labels: readonly string[]
  /** Upper bounds of a histogram in the family's unit, without `+Inf`. */
  buckets?: readonly number[]
}

/** Where one normalised figure is read. */
export interface MetricSeries {
  name: string
  type: MetricType
  /** Only samples with these labels count: an engine that repeats a figure for each rank is read at rank 0. */
  where: Readonly<Record<string, string>>
}

/** The figures the product works with, under one name for every engine; times are seconds, usage is 0–1. */
export interface NormalisedMetrics {
  running: MetricSeries
  waiting: MetricSeries
  kv_usage: MetricSeries
  prompt_tokens: MetricSeries
  generation_tokens: MetricSeries
  finished_requests: MetricSeries
  ttft: MetricSeries
  tpot: MetricSeries
  /** Gap between two tokens of a stream; null where the engine measures only the mean per request. */
  itl: MetricSeries | null
  e2e: MetricSeries
  queue_time: MetricSeries
}

/** One phase between "asked for" and "ready", and what it costs on a reference node. */
export interface StartupPhase {
  phase: Extract<ReplicaPhase, 'scheduling' | 'pulling' | 'loading' | 'compiling' | 'warming'>
  fixed_s: number
  /** Bytes per second where the phase moves the image or the weights; null where it moves none. */
  bytes_per_s: number | null
  moves: 'image' | 'weights' | null
  /** What `GET health_path` does meanwhile: nothing listens, or it answers 503. */
  health: 'refused' | 503
}

/** Engine defaults that depend on the GPU's memory, as the engine itself decides them. */
export interface EngineDefaults {
  max_num_batched_tokens: number
  max_num_seqs: number
}

export interface EngineFacts {
  engine: EngineName
  version: string
  /** False: the version is not in the table, and the facts are those of the nearest older one. */
  known_version: boolean
  default_port: number
  health_path: string
  /** Proves the model's name too: what readiness asks. */
  readiness_path: string
  /** Runs a real generation; null where the engine has none. */
  deep_health_path: string | null
  models_path: string
  version_path: string
  metrics_path: string
  /** Tokens per block of the KV cache. */
  kv_block_tokens: number
  image_bytes: number
  metrics: NormalisedMetrics
  startup: readonly StartupPhase[]
}

/** What differs between engines; `EngineFacts` adds the version that was asked for. */
export interface EngineProfile {
  /** Newest first. */
  versions: readonly string[]
  facts: Omit<EngineFacts, 'engine' | 'version' | 'known_version'>
  defaults(gpu: GpuForDefaults): EngineDefaults
  families(maxModelLen: number): readonly MetricFamily[]
}

export interface GpuForDefaults {
  id: string
  memory_gb: number
}
