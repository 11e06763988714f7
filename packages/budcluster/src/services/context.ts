/** What the services and workflows of this package work with: made once in index.ts. */
import type { Principal } from '@bud/access'
import type { GpuCatalogue, NamedModel, Predictor } from '@bud/budsim'
import type { Clock, KeyedMutex } from '@bud/kernel'
import type { Database, EventBus, FlowRunner, Log, Operations } from '@bud/platform'
import type { OperationInput } from '../domain/records.ts'
import type { ClusterDrivers, DeployableModels, EngineProbe, RoutePublisher } from '../ports.ts'

export interface Settings {
  /** Between two looks at starting replicas. */
  poll_ms: number
  /** How long a replica that gets no new traffic may finish its requests before it is stopped anyway. */
  drain_limit_ms: number
  /** Model files that no endpoint uses stay in a cluster's cache this long after they were last asked for. */
  cache_unused_for_ms: number
}

export const DEFAULT_SETTINGS: Settings = {
  poll_ms: 250,
  drain_limit_ms: 600_000,
  cache_unused_for_ms: 24 * 3600_000,
}

export interface Context {
  database: Database
  operations: Operations
  events: EventBus
  flows: Pick<FlowRunner, 'isOver'>
  clock: Clock
  log: Log
  models: DeployableModels
  gpus: GpuCatalogue
  predictorOf(projectId: string): Predictor
  /** Among these an optimisation looks for the next smaller model of a family. */
  catalogue: readonly NamedModel[]
  drivers: ClusterDrivers
  routePublisher: RoutePublisher
  probe: EngineProbe
  /** Base URL for OpenAI clients. */
  gatewayUrl: () => string
  settings: Settings
  /** Starts, or joins, the flow of an operation. Not inside a transaction. */
  startOperation(input: OperationInput): Promise<void>
  /** Ids of the operations under way whose flow is known to exist. */
  started: Set<string>
  /** By endpoint id: flows and the reconciler apply releases and publish upstreams one at a time. */
  turns: KeyedMutex
  /** Aborted when this process lets go of its work; what waits then waits for ever (the flow goes on elsewhere). */
  stopped: AbortSignal
}

export const isoNow = ({ clock }: Pick<Context, 'clock'>): string => new Date(clock.nowMs()).toISOString()

/** Who asks, in which project. The name may be empty: the address stands for the person then. */
export type Caller = Pick<Principal, 'project_id' | 'name'> & Partial<Pick<Principal, 'email'>>

export const nameOf = ({ name, email }: Caller): string => name || email || 'somebody'
