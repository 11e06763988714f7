/** The whole package on a real database, over fakes of what lies outside; watches that no request could have failed. */
import { createTrainedPredictor } from '@bud/budsim'
import { untrainedModel } from '@bud/budsim/testing/untrained-model'
import { createId, type Deployment } from '@bud/kernel'
import type { Operation, Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { createHttpEngineProbe } from '../adapters/http-engine-probe.ts'
import { BUDCLUSTER_MIGRATIONS, type Budcluster, type BudclusterDeps, createBudcluster } from '../index.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeCluster } from './fake-cluster.ts'
import { FakeFlows } from './fake-flows.ts'
import { FakeModels } from './fake-models.ts'
import { FakeRoutePublisher } from './fake-route-publisher.ts'
import { gpuCatalogue, reference } from './reference.ts'

export async function createMigratedPlatform(): Promise<Platform> {
  const platform = await createTestPlatform()
  await platform.migrate('budcluster', BUDCLUSTER_MIGRATIONS)
  return platform
}

export interface TestBudcluster extends Budcluster {
  caller: { project_id: string; name: string }
  models: FakeModels
  logged: string[]
}

/** One project, and one model without files, "llama"; what lies outside is for the caller to choose. */
export function createTestBudcluster(
  platform: Platform,
  outside: Pick<BudclusterDeps, 'drivers' | 'routePublisher'> & Partial<BudclusterDeps>,
): TestBudcluster {
  const models = new FakeModels()
  models.add('llama')
  const logged: string[] = []
  const say = (_fields: object, message: string) => {
    logged.push(message)
  }
  const predictor = createTrainedPredictor({ ...reference, model: untrainedModel() })
  const bud = createBudcluster({
    ...platform,
    log: { info: say, warn: say, error: say },
    models,
    gpus: gpuCatalogue,
    predictorOf: () => predictor,
    catalogue: reference.models,
    probe: createHttpEngineProbe(),
    gatewayUrl: () => 'http://127.0.0.1:4000/v1',
    ...outside,
  })
  return { ...bud, models, logged, caller: { project_id: createId('run'), name: 'Ada' } }
}

export interface Harness extends TestBudcluster {
  cluster: FakeCluster
  publisher: FakeRoutePublisher
  flowRuns: FakeFlows
  clock: FakeClock
  /** Every moment at which a request could have failed. */
  violations: string[]
  /** Runs an operation to its end and says how it went. */
  finish(operationId: string): Promise<Operation>
  /** An endpoint that serves. */
  deploy(name: string, deployment: Deployment): Promise<string>
  gpusHeld(): Promise<Record<string, number>>
  close(): Promise<void>
}

/** The same over fakes, with one cluster, "demo", on which flows run when told to. */
export async function createHarness(platform: Platform): Promise<Harness> {
  const cluster = await FakeCluster.start()
  const publisher = new FakeRoutePublisher()
  const flowRuns = new FakeFlows()
  const clock = new FakeClock()
  let clusterId = ''
  const bud = createTestBudcluster(platform, {
    flows: flowRuns,
    drivers: cluster.asDriversOf(() => clusterId),
    routePublisher: publisher,
    clock,
    settings: { drain_limit_ms: 10_000 },
  })
  const { caller } = bud
  await bud.clusters.ensureDemoCluster(caller.project_id)
  clusterId = (await bud.clusters.get(caller, 'demo')).id
  const finish = async (id: string) => {
    const outcome = await flowRuns.execute(id)
    if (outcome.state === 'crashed') throw new Error(`The flow crashed at ${outcome.step}.`)
    const found = await platform.operations.find(caller.project_id, id)
    if (!found) throw new Error(`No operation ${id}.`)
    return found
  }
  return {
    ...bud,
    cluster,
    publisher,
    flowRuns,
    clock,
    finish,
    violations: watchTraffic(cluster, publisher),
    deploy: async (name, deployment) => {
      const accepted = await bud.endpoints.create(caller, { name, model: 'llama', cluster: 'demo', deployment })
      const { state, reasons } = await finish(accepted.operation_id)
      if (state !== 'succeeded') throw new Error(`"${name}" could not be deployed: ${JSON.stringify(reasons)}`)
      return accepted.id
    },
    gpusHeld: async () => {
      const { nodes } = await bud.clusters.get(caller, 'demo')
      const held: Record<string, number> = {}
      for (const { endpoint_name, gpus } of nodes.flatMap((node) => node.used_by))
        held[endpoint_name] = (held[endpoint_name] ?? 0) + gpus
      return held
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
