/**
 * A control plane as a process that can be killed at any step: `fork(control-plane.ts, [settings as JSON])`.
 * It ends what was left unfinished, says how everything stands, and does what it is asked to do until it is killed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createTrainedPredictor } from '@bud/budsim'
import { untrainedModel } from '@bud/budsim/testing/untrained-model'
import type { Upstream } from '@bud/kernel'
import { createPlatform, type Flow, type Operation, type Run } from '@bud/platform'
import { createHttpEngineProbe } from '../adapters/http-engine-probe.ts'
import { createSimulatedClusterDrivers } from '../adapters/simulated-cluster-driver.ts'
import { BUDCLUSTER_MIGRATIONS, type Budcluster, createBudcluster } from '../index.ts'
import type { RoutePublisher } from '../ports.ts'
import { FakeModels } from './fake-models.ts'
import { llamaOn } from './llama-facts.ts'
import { gpuCatalogue, reference } from './reference.ts'

export interface ControlPlaneSettings {
  dataDir: string
  /** Where routes are kept: they outlive the process, as a gateway's snapshot does. */
  routesFile: string
  simulator: { url: string; token: string }
  ask?: 'deploy' | 'scale' | 'update' | 'delete'
  /** SIGKILL right after this step's effect in what was asked for, before it is remembered. */
  killAfter?: string
}

export interface ControlPlaneReport {
  operations: Operation[]
  endpoints: { state: string; revision: number; ready_replicas: number }[]
  gpus_free: number
}

const caller = { project_id: 'project-1', name: 'Ada' }

async function runControlPlane(
  settings: ControlPlaneSettings,
  say: (report: ControlPlaneReport) => Promise<void>,
): Promise<void> {
  const platform = await createPlatform({ dataDir: settings.dataDir })
  await platform.migrate('budcluster', BUDCLUSTER_MIGRATIONS)
  const models = new FakeModels()
  models.add('llama', { files: { 'config.json': '{}' } })
  const predictor = createTrainedPredictor({ ...reference, model: untrainedModel() })
  const bud = createBudcluster({
    ...platform,
    log: { info() {}, warn() {}, error: (fields, message) => console.error(message, fields) },
    models,
    gpus: gpuCatalogue,
    catalogue: reference.models,
    predictorOf: () => predictor,
    drivers: createSimulatedClusterDrivers({
      host: { connect: async () => settings.simulator, disconnect: async () => {} },
      dataDir: settings.dataDir,
    }),
    routePublisher: createFileRoutes(settings.routesFile),
    probe: createHttpEngineProbe(),
    gatewayUrl: () => 'http://127.0.0.1:4000/v1',
  })
  let fatalStep: string | undefined
  for (const flow of bud.flows) platform.flows.register(withKill(flow, () => fatalStep))
  await platform.flows.launch()
  await bud.clusters.ensureDemoCluster(caller.project_id)
  await bud.reconcile()
  const operations = await platform.operations.list(caller.project_id, { limit: 50 })
  for (const { id } of operations) await platform.flows.result(id)
  const endpoints = await bud.endpoints.list(caller)
  const { gpus } = await bud.clusters.get(caller, 'demo')
  await say({
    operations: (await platform.operations.list(caller.project_id, { limit: 50 })).reverse(),
    endpoints: endpoints.map(({ state, revision, ready_replicas }) => ({
      state: state.name,
      revision,
      ready_replicas,
    })),
    gpus_free: gpus.reduce((sum, gpu) => sum + gpu.free, 0),
  })
  fatalStep = settings.killAfter
  if (settings.ask) await ask(bud, settings.ask)
  else await platform.close()
}

function ask({ endpoints }: Budcluster, what: NonNullable<ControlPlaneSettings['ask']>): Promise<unknown> {
  const deployment = llamaOn('nvidia-a100-80gb', 2, 2)
  switch (what) {
    case 'deploy':
      return endpoints.create(caller, { name: 'chat', model: 'llama', cluster: 'demo', deployment })
    case 'scale':
      return endpoints.scale(caller, 'chat', { replicas: 3 })
    case 'update':
      return endpoints.update(caller, 'chat', { deployment: llamaOn('nvidia-a100-80gb', 4, 1) })
    case 'delete':
      return endpoints.delete(caller, 'chat')
  }
}

const withKill = <Input>(flow: Flow<Input, void>, fatalStep: () => string | undefined): Flow<Input, void> => ({
  name: flow.name,
  body: (run, input) => flow.body(killingAfter(run, fatalStep), input),
})

const killingAfter = (run: Run, fatalStep: () => string | undefined): Run => ({
  id: run.id,
  sleep: (ms) => run.sleep(ms),
  step: (name, effect) =>
    run.step(name, async () => {
      const value = await effect()
      if (name === fatalStep()) process.kill(process.pid, 'SIGKILL')
      return value
    }),
})

function createFileRoutes(file: string): RoutePublisher {
  const read = (): { version: number; upstreams: Record<string, Upstream[]> } => JSON.parse(readFileSync(file, 'utf8'))
  const write = (endpointId: string, upstreams: Upstream[]) => {
    const routes = read()
    const version = routes.version + 1
    writeFileSync(file, JSON.stringify({ version, upstreams: { ...routes.upstreams, [endpointId]: upstreams } }))
    return { version }
  }
  return {
    publish: async ({ endpoint_id, upstreams }) => write(endpoint_id, upstreams),
    withdraw: async ({ endpoint_id }) => write(endpoint_id, []),
    waitDrained: async () => ({ drained: true }),
  }
}

const send = (report: ControlPlaneReport) =>
  new Promise<void>((resolve) => {
    process.send?.(report, () => resolve())
  })
await runControlPlane(JSON.parse(process.argv[2] ?? '{}'), send)
process.disconnect?.()
