/** The whole package on a real database, over fakes of what lies outside; watches that no request could have failed. */
import { createGpuCatalogue, createPhysicsPredictor } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { createId, Deployment } from '@bud/kernel'
import type { Operation, Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { createHttpEngineProbe } from '../adapters/http-engine-probe.ts'
import { BUDCLUSTER_MIGRATIONS, type Budcluster, type BudclusterDeps, createBudcluster } from '../index.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeCluster } from './fake-cluster.ts'
import { FakeFlows } from './fake-flows.ts'
import { FakeModels } from './fake-models.ts'
import { FakeRoutePublisher } from './fake-route-publisher.ts'

export const reference = loadReferenceData()
export const gpuCatalogue = createGpuCatalogue(reference.gpus)

export async function createMigratedPlatform(): Promise<Platform> {
  const platform = await createTestPlatform()
  await platform.migrate('budcluster', BUDCLUSTER_MIGRATIONS)
  return platform
}

export const llamaOn = (gpu_type: string, gpu_count = 1, replicas = 1) =>
  Deployment.parse({
    runtime: 'vllm',
    config: { tensor_parallel_size: gpu_count, max_model_len: 8192 },
    replicas,
    resources: { gpu_type, gpu_count },
  })

export interface Harness extends Budcluster {
  caller: { project_id: string; name: string }
  cluster: FakeCluster
  publisher: FakeRoutePublisher
  models: FakeModels
  flowRuns: FakeFlows
  clock: FakeClock
  logged: string[]
  /** Every moment at which a request could have failed. */
  violations: string[]
  /** Runs an operation to its end and says how it went. */
  finish(operationId: string): Promise<Operation>
  operation(operationId: string): Promise<Operation>
  /** An endpoint that serves. */
  deploy(name: string, deployment: Deployment): Promise<string>
  gpusHeld(): Promise<Record<string, number>>
  close(): Promise<void>
}

/** One project with one cluster, "demo", and one model without files, "llama". */
export async function createHarness(platform: Platform, overrides: Partial<BudclusterDeps> = {}): Promise<Harness> {
  const cluster = await FakeCluster.start()
  const publisher = new FakeRoutePublisher()
  const models = new FakeModels()
  models.add('llama')
  const flowRuns = new FakeFlows()
  const clock = new FakeClock()
  const logged: string[] = []
  const say = (_fields: object, message: string) => {
    logged.push(message)
  }
  let clusterId = ''
  const bud = createBudcluster({
    database: platform.database,
    operations: platform.operations,
    events: platform.events,
    flows: flowRuns,
    log: { info: say, warn: say, error: say },
    models,
    gpus: gpuCatalogue,
    predictor: createPhysicsPredictor({ prices: reference.prices }),
    drivers: cluster.asDriversOf(() => clusterId),
    routePublisher: publisher,
    probe: createHttpEngineProbe(),
    gatewayUrl: 'http://127.0.0.1:4000/v1',
    clock,
    settings: { drain_limit_ms: 10_000 },
    ...overrides,
  })
  const caller = { project_id: createId('run'), name: 'Ada' }
  await bud.clusters.ensureDemoCluster(caller.project_id)
  clusterId = (await bud.clusters.get(caller, 'demo')).id
  const operation = async (id: string) => {
    const found = await platform.operations.find(caller.project_id, id)
    if (!found) throw new Error(`No operation ${id}.`)
    return found
  }
  const finish = async (id: string) => {
    const outcome = await flowRuns.execute(id)
    if (outcome.state === 'crashed') throw new Error(`The flow crashed at ${outcome.step}.`)
    return operation(id)
  }
  return {
    ...bud,
    caller,
    cluster,
    publisher,
    models,
    flowRuns,
    clock,
    logged,
    violations: watchTraffic(cluster, publisher),
    finish,
    operation,
    deploy: async (name, deployment) => {
      const { id, operation_id } = await bud.endpoints.create(caller, {
        name,
        model: 'llama',
        cluster: 'demo',
        deployment,
      })
      const { state, reasons } = await finish(operation_id)
      if (state !== 'succeeded') throw new Error(`"${name}" could not be deployed: ${JSON.stringify(reasons)}`)
      return id
    },
    gpusHeld: async () => {
      const { nodes } = await bud.clusters.get(caller, 'demo')
      const held = nodes.flatMap((node) => node.used_by)
      return Object.fromEntries(
        [...new Set(held.map((use) => use.endpoint_name))].map((name) => [
          name,
          held.filter((use) => use.endpoint_name === name).reduce((sum, use) => sum + use.gpus, 0),
        ]),
      )
    },
    close: () => cluster.close(),
  }
}

function watchTraffic(cluster: FakeCluster, publisher: FakeRoutePublisher): string[] {
  const violations: string[] = []
  cluster.onStop = ({ id }) => {
    if (publisher.has(id)) violations.push(`${id} was stopped while traffic went to it`)
    if ((publisher.inFlight.get(id) ?? 0) > 0) violations.push(`${id} was stopped with requests under way`)
  }
  publisher.onChange = (_endpoint, upstreams) => {
    for (const { id } of upstreams)
      if (cluster.replicas().find((replica) => replica.id === id)?.phase !== 'ready')
        violations.push(`${id} got traffic before it was ready`)
  }
  return violations
}
