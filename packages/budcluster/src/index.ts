/** Clusters, endpoints and what is done with them. */

import type { ClusterFits, ModelUsage } from '@bud/budmodel'
import type { GpuCatalogue, NamedModel, Predictor } from '@bud/budsim'
import { type Clock, KeyedMutex, messageOf, systemClock } from '@bud/kernel'
import type { Database, EventBus, Flow, FlowRunner, Log, Operations } from '@bud/platform'
import type { OperationInput, OperationKind } from './domain/records.ts'
import type { ClusterDrivers, DeployableModels, EngineProbe, RoutePublisher } from './ports.ts'
import { createClusterFits } from './services/cluster-fits.ts'
import { createClusterServices } from './services/clusters/index.ts'
import { type Context, DEFAULT_SETTINGS, type Settings } from './services/context.ts'
import { createEndpointServices } from './services/endpoints/index.ts'
import { createModelUsage } from './services/model-usage.ts'
import { createOptimizationServices } from './services/optimizations/index.ts'
import { reconcile } from './services/reconcile.ts'
import { listScrapeTargets, type ScrapeTarget } from './services/scrape-targets.ts'
import { listServingEndpoints, type ServingEndpoint } from './services/serving-endpoints.ts'
import { createDeleteFlow } from './workflows/delete-endpoint.ts'
import { createDeployFlow } from './workflows/deploy-endpoint.ts'
import { createScaleFlow } from './workflows/scale-endpoint.ts'
import { createUpdateFlow } from './workflows/update-endpoint.ts'

export { parseDeployment, parseDeploymentText } from './domain/deployment-document.ts'
export type * from './ports.ts'
export type { ScrapeTarget } from './services/scrape-targets.ts'

/** For `Platform.migrate('budcluster', …)`. */
export const BUDCLUSTER_MIGRATIONS = new URL('./migrations', import.meta.url)

export interface BudclusterDeps {
  database: Database
  operations: Operations
  events: EventBus
  flows: FlowRunner
  log: Log
  models: DeployableModels
  gpus: GpuCatalogue
  /** Each project's: what its endpoints showed may have refined it. */
  predictorOf(projectId: string): Predictor
  /** Known models, for the next smaller one of a family. */
  catalogue: readonly NamedModel[]
  drivers: ClusterDrivers
  routePublisher: RoutePublisher
  probe: EngineProbe
  /** Base URL for OpenAI clients, shown with every endpoint; asked for each time, for the gateway may move. */
  gatewayUrl: () => string
  clock?: Clock
  settings?: Partial<Settings>
}

export interface Budcluster {
  clusters: ReturnType<typeof createClusterServices>
  endpoints: ReturnType<typeof createEndpointServices>
  optimizations: ReturnType<typeof createOptimizationServices>
  /** Register all of them before the flows are launched. */
  flows: Flow<OperationInput, void>[]
  /** Call it every second or so, once the flows are launched; one call at a time. */
  reconcile(): Promise<void>
  scrapeTargets(): Promise<ScrapeTarget[]>
  servingEndpoints(): Promise<ServingEndpoint[]>
  modelUsage: ModelUsage
  clusterFits: ClusterFits
  /** Lets go of what is being waited for; the flows go on at the next launch. */
  stop(): void
}

export function createBudcluster(deps: BudclusterDeps): Budcluster {
  const stopping = new AbortController()
  const context: Context = {
    ...deps,
    clock: deps.clock ?? systemClock,
    settings: { ...DEFAULT_SETTINGS, ...deps.settings },
    started: new Set(),
    turns: new KeyedMutex(),
    stopped: stopping.signal,
    startOperation: async (input) => {
      try {
        await deps.flows.start(flows[input.kind], input.operation_id, input)
        context.started.add(input.operation_id)
      } catch (error) {
        deps.log.warn({ err: error }, `Operation ${input.operation_id} starts later: ${messageOf(error)}`)
      }
    },
  }
  const flows: Record<OperationKind, Flow<OperationInput, void>> = {
    deploy: createDeployFlow(context),
    scale: createScaleFlow(context),
    update: createUpdateFlow(context),
    delete: createDeleteFlow(context),
  }
  return {
    clusters: createClusterServices(context),
    endpoints: createEndpointServices(context),
    optimizations: createOptimizationServices(context),
    flows: Object.values(flows),
    reconcile: () => reconcile(context),
    scrapeTargets: () => listScrapeTargets(context),
    servingEndpoints: () => listServingEndpoints(context),
    modelUsage: createModelUsage(context),
    clusterFits: createClusterFits(context),
    stop: () => stopping.abort(),
  }
}
