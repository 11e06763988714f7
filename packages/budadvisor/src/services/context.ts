/** What the verbs of this package work with: made once in create-advisor.ts. */
import type { CasePredictor, GpuCatalogue, ModelCatalogue, Refinement } from '@bud/budsim'
import type { Clock, KeyedMutex } from '@bud/kernel'
import type { Database, EventBus, Log } from '@bud/platform'
import type { EndpointWindows, ServingEndpoints } from '../ports.ts'

export interface Settings {
  /** Seconds of service that a window must hold to say anything. */
  least_window_s: number
}

export const DEFAULT_SETTINGS: Settings = { least_window_s: 60 }

/** The version in force in a project. `refinement` null: it was made for another predictor. */
export interface ActiveRefinement {
  number: number
  refinement: Refinement | null
}

export interface Context {
  database: Database
  events: EventBus
  clock: Clock
  log: Log
  /** Unrefined: what observations are compared with. */
  predictor: CasePredictor
  gpus: GpuCatalogue
  models: ModelCatalogue
  endpoints: ServingEndpoints
  windows: EndpointWindows
  settings: Settings
  /** By project; only projects with a version in force. */
  active: Map<string, ActiveRefinement>
  /** Versions of one project are made one after another. */
  turns: KeyedMutex
}

/** Who asks, in which project: the part of access's Principal that matters here. */
export interface Caller {
  project_id: string
  name: string
}

/** Versions that nobody asked for. */
export const BY_ITSELF = 'the system'

export const isoOf = (ms: number): string => new Date(ms).toISOString()
export const isoNow = ({ clock }: Pick<Context, 'clock'>): string => isoOf(clock.nowMs())
