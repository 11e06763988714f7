/** The nouns of this package: what was observed, and the versions of what was learnt from it. */
import type { Observation } from '@bud/budsim'
import type { Deployment, ModelFacts } from '@bud/kernel'

/** Milliseconds (means) and output tokens per second; null: not measured. */
export interface MeasuredFigures {
  ttft_ms: number | null
  tpot_ms: number | null
  output_tokens_per_s: number | null
}

export type PredictedFigures = { [Figure in keyof MeasuredFigures]: number }

/** One replica's share of what was asked of an endpoint. */
export interface ObservedLoad {
  input_tokens: number
  output_tokens: number
  /** Requests in flight per replica. */
  concurrency: number
  requests: number
}

/** A row of a measurements table: its columns as text. */
export type MeasuredCells = Record<string, string>

/** What served, completely: residuals are worked out anew when the predictor is another. */
export type ObservedSubject =
  | {
      kind: 'endpoint'
      facts: ModelFacts
      gpu_type: string
      deployment: Deployment
      prefix_cache_share: number
      load: ObservedLoad
    }
  | { kind: 'row'; cells: MeasuredCells }

export interface ObservationRecord {
  id: string
  project_id: string
  /** null: imported. */
  endpoint_id: string | null
  revision: number | null
  subject: ObservedSubject
  measured: MeasuredFigures
  /** As it was predicted then, refinement included. */
  predicted: PredictedFigures
  /** The predictor that was compared with, and the refinement then in force. */
  predictor: string
  refinement: number | null
  observation: Observation
  started_at: string
  observed_at: string
}

/** Immutable. `observations` is all that predictions need of it. */
export interface RefinementRecord {
  project_id: string
  number: number
  predictor: string
  observations: Observation[]
  /** Endpoints that it learnt from. */
  endpoint_ids: string[]
  /** Of the newest observation in it. */
  observed_until: string
  created_at: string
  created_by: string
  reason: string
}

export interface DriftRecord {
  endpoint_id: string
  project_id: string
  revision: number
  /** Observations before this are no longer what the endpoint does. */
  history_from: string
  drifting: boolean
  target: 'tpot' | 'ttft' | null
  since: string | null
  /** measured ÷ predicted, before and since. */
  from_ratio: number | null
  to_ratio: number | null
  changed_at: string
}
