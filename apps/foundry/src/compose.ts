/** The one place that joins adapters to ports. */
import { join } from 'node:path'
import { type Access, createAccess } from '@bud/access'
import { type Advisor, advisorMigrations, createAdvisor, type EndpointWindows } from '@bud/budadvisor'
import { BUDCLUSTER_MIGRATIONS, type Budcluster, type BudclusterDeps, createBudcluster } from '@bud/budcluster'
import { createHttpEngineProbe } from '@bud/budcluster/adapters/http-engine-probe'
import { createSimulatedClusterDrivers } from '@bud/budcluster/adapters/simulated-cluster-driver'
import { createMetrics, type Metrics, metricsMigrations } from '@bud/budmetrics'
import { createHttpMetricSource } from '@bud/budmetrics/adapters/http-metric-source'
import { type Connections, type Models, migrateModels } from '@bud/budmodel'
import { createGpuCatalogue, createModelCatalogue, type GpuCatalogue } from '@bud/budsim'
import { loadReferenceData, type ReferenceData } from '@bud/budsim/adapters/reference-data'
import { createTraffic, type Traffic, trafficMigrations } from '@bud/budtraffic'
import { BudError, systemClock } from '@bud/kernel'
import { createPlatform, type Flow, lockDataDir, type Platform } from '@bud/platform'
import { readSecretKeyFile } from '@bud/platform/adapters/secret-key-file'
import type { FastifyBaseLogger } from 'fastify'
import type { Addresses } from './addresses.ts'
import type { Cleanup } from './cleanup.ts'
import { composeModels } from './compose-models.ts'
import type { FoundryConfig } from './config.ts'
import { createPredictors, type Predictors } from './predictors.ts'
import { createSimulatorHost } from './processes/simulator-host.ts'
import type { Services } from './services.ts'
import { createSystemInfo } from './system-info.ts'

export interface Composition {
  services: Services
  logger: FastifyBaseLogger
}

export interface ComposeOptions {
  config: FoundryConfig
  logger: FastifyBaseLogger
  addresses: Addresses
  cleanup: Cleanup
}

interface Base extends ComposeOptions {
  platform: Platform
  reference: ReferenceData
  gpus: GpuCatalogue
  predictors: Predictors
}

export async function compose(options: ComposeOptions): Promise<Composition> {
  const reference = loadReferenceData()
  const platform = await openPlatform(options)
  const base: Base = {
    ...options,
    platform,
    reference,
    gpus: createGpuCatalogue(reference.gpus),
    predictors: createPredictors(reference),
  }
  const access = await composeAccess(base)
  await migrateAll(platform)
  const traffic = createTraffic({ database: platform.database, events: platform.events, clock: systemClock })
  const { models, connections, cluster } = await composeModelsAndClusters(base, traffic, (projectId) =>
    base.predictors.of(projectId, (id) => advisor.refinementOf(id)),
  )
  const metrics = composeMetrics(base, cluster)
  const advisor: Advisor = composeAdvisor(base, { cluster, metrics, traffic })
  await advisor.load()
  await models.load()
  registerFlows(platform, [...models.flows, ...cluster.flows])
  const parts = { access, platform, models, connections, cluster, traffic, metrics, advisor, gpus: base.gpus }
  return { services: { ...parts, systemInfo: createSystemInfo(options, parts) }, logger: options.logger }
}

/** The folder is locked before anything in it is touched; it goes free last. */
async function openPlatform({ config, logger, cleanup }: ComposeOptions): Promise<Platform> {
  const lock = await lockDataDir(config.dataDir)
  cleanup.add(() => lock.release())
  const { databaseUrl } = config
  const place = databaseUrl
    ? { databaseUrl, secretKey: await readSecretKeyFile(lock.dir) }
    : { dataDir: lock.dir, lock }
  const platform = await createPlatform(place, { logger })
  cleanup.add(() => platform.close())
  return platform
}

function composeAccess({ platform, addresses, logger }: Base): Promise<Access> {
  return createAccess({ platform, baseUrl: () => addresses.publicUrl, log: logger, signedInPath: '/ui/' })
}

async function migrateAll(platform: Platform): Promise<void> {
  await migrateModels(platform)
  await platform.migrate('budcluster', BUDCLUSTER_MIGRATIONS)
  await platform.migrate('budtraffic', trafficMigrations)
  await platform.migrate('budmetrics', metricsMigrations)
  await platform.migrate('budadvisor', advisorMigrations)
}

/** The two know each other: endpoints run models, and a model in use is not deleted. */
async function composeModelsAndClusters(
  base: Base,
  traffic: Traffic,
  predictorOf: BudclusterDeps['predictorOf'],
): Promise<{ models: Models; connections: Connections; cluster: Budcluster }> {
  const { platform, config, logger, cleanup, addresses, reference, gpus } = base
  const { models, connections } = await composeModels({
    platform,
    config,
    reference,
    gpus,
    usage: { usedBy: (projectId, modelId) => cluster.modelUsage.usedBy(projectId, modelId) },
    fits: {
      of: (projectId, facts) => cluster.clusterFits.of(projectId, facts),
      on: (projectId, id, facts) => cluster.clusterFits.on(projectId, id, facts),
    },
  })
  const host = createSimulatorHost({ clustersDir: join(config.dataDir, 'clusters'), logger })
  cleanup.add(() => host.stopAll())
  const cluster: Budcluster = createBudcluster({
    ...platform,
    log: logger,
    models,
    gpus,
    catalogue: reference.models,
    predictorOf,
    drivers: createSimulatedClusterDrivers({ host, dataDir: config.dataDir }),
    routePublisher: traffic.routePublisher,
    probe: createHttpEngineProbe(),
    gatewayUrl: () => addresses.gatewayUrl,
  })
  cleanup.add(() => cluster.stop())
  return { models, connections, cluster }
}

function composeMetrics({ platform, logger, cleanup }: Base, cluster: Budcluster): Metrics {
  const source = createHttpMetricSource()
  cleanup.add(() => source.close())
  return createMetrics({
    database: platform.database,
    events: platform.events,
    clock: systemClock,
    log: logger,
    targets: { list: () => cluster.scrapeTargets(), exists: (endpoint) => endpointExists(cluster, endpoint) },
    source,
  })
}

function composeAdvisor(
  { platform, logger, predictors, gpus, reference }: Base,
  { cluster, metrics, traffic }: { cluster: Budcluster; metrics: Metrics; traffic: Traffic },
): Advisor {
  const take: EndpointWindows['take'] = async ({ endpoint_id }) => {
    const served = metrics.takeServed(endpoint_id)
    if (!served) return undefined
    const usage = await traffic.usageOf(endpoint_id, new Date(served.from_ms).toISOString())
    return { ...served, failed_requests: usage.failed_requests }
  }
  return createAdvisor({
    database: platform.database,
    events: platform.events,
    clock: systemClock,
    log: logger,
    predictor: predictors.cases,
    gpus,
    models: createModelCatalogue(reference.models),
    endpoints: { list: () => cluster.servingEndpoints() },
    windows: { take },
  })
}

async function endpointExists(
  cluster: Budcluster,
  { project_id, endpoint_id }: { project_id: string; endpoint_id: string },
): Promise<boolean> {
  try {
    await cluster.endpoints.get({ project_id, name: 'metrics' }, endpoint_id)
    return true
  } catch (error) {
    if (error instanceof BudError && error.code === 'not-found') return false
    throw error
  }
}

function registerFlows(platform: Platform, flows: readonly Flow<never, unknown>[]): void {
  for (const flow of flows) platform.flows.register(flow)
}
