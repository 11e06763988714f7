/** The whole package as it runs: durable flows, a real engine simulator, and people who talk to it all the while. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Operation } from '@bud/platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulatedClusterDrivers } from './adapters/simulated-cluster-driver.ts'
import type { EnginesimHost } from './testing/enginesim-host.ts'
import { startEnginesimHost } from './testing/enginesim-host.ts'
import { FakeRoutePublisher } from './testing/fake-route-publisher.ts'
import { createMigratedPlatform, createTestBudcluster, type TestBudcluster } from './testing/harness.ts'
import { llamaOn } from './testing/llama-facts.ts'
import { startTraffic } from './testing/traffic.ts'

let platform: Awaited<ReturnType<typeof createMigratedPlatform>>
let host: EnginesimHost
let folder: string
let bud: TestBudcluster
const publisher = new FakeRoutePublisher()

beforeAll(async () => {
  host = await startEnginesimHost()
  folder = await mkdtemp(join(tmpdir(), 'bud-clusters-'))
  platform = await createMigratedPlatform()
  bud = createTestBudcluster(platform, {
    drivers: createSimulatedClusterDrivers({ host, dataDir: folder }),
    routePublisher: publisher,
  })
  bud.models.add('with-files', { files: { 'config.json': '{}', 'model.safetensors': 'w'.repeat(300_000) } })
  for (const flow of bud.flows) platform.flows.register(flow)
  await platform.flows.launch()
  await bud.clusters.create(bud.caller, {
    name: 'fast',
    kind: 'simulated',
    stage: 'staging',
    nodes: [{ count: 2, gpu_type: 'nvidia-a100-80gb', gpu_count: 4 }],
    startup_time_factor: 0.001,
  })
})
afterAll(async () => {
  bud.stop()
  await platform.close()
  await host.close()
  await rm(folder, { recursive: true, force: true })
})

const ended = async ({ operation_id }: { operation_id: string }): Promise<Operation> => {
  await platform.flows.result(operation_id)
  const operation = await platform.operations.find(bud.caller.project_id, operation_id)
  if (!operation) throw new Error(`No operation ${operation_id}.`)
  return operation
}
const endpoint = () => bud.endpoints.get(bud.caller, 'chat')

/** The reconciler without a pause: whatever it sees half done, it must leave alone. */
function startReconciling(): () => Promise<void> {
  let stopping = false
  const running = (async () => {
    while (!stopping) await bud.reconcile()
  })()
  return () => {
    stopping = true
    return running
  }
}

describe('an endpoint on a simulated cluster', () => {
  it('is deployed, scaled, updated and deleted without a failed request', { timeout: 90_000 }, async () => {
    const stopReconciling = startReconciling()
    const accepted = await bud.endpoints.create(bud.caller, {
      name: 'chat',
      model: 'with-files',
      cluster: 'fast',
      deployment: llamaOn('nvidia-a100-80gb', 2, 2),
    })
    const deployed = await ended(accepted)
    expect(deployed.reasons).toEqual([])
    expect(deployed.steps.map(({ state }) => state)).toEqual(Array(5).fill('succeeded'))
    expect(await endpoint()).toMatchObject({ state: { name: 'ready' }, ready_replicas: 2 })

    const traffic = startTraffic(publisher, accepted.id)
    expect(await ended(await bud.endpoints.scale(bud.caller, 'chat', { replicas: 4 }))).toMatchObject({
      state: 'succeeded',
    })
    const deployment = { ...llamaOn('nvidia-a100-80gb', 4, 2), runtime: 'sglang' }
    const updated = await ended(await bud.endpoints.update(bud.caller, 'chat', { deployment }))
    expect(updated).toMatchObject({ state: 'succeeded', reasons: [] })
    expect(await endpoint()).toMatchObject({ revision: 2, ready_replicas: 2, deployment: { runtime: 'sglang' } })
    expect(await ended(await bud.endpoints.scale(bud.caller, 'chat', { replicas: 1 }))).toMatchObject({
      state: 'succeeded',
    })
    const { answered, failures } = await traffic.stop()
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(20)

    const [target] = await bud.scrapeTargets()
    const metrics = await (await fetch(target?.replicas[0]?.metrics_url ?? '')).text()
    expect(metrics).toContain('sglang:')
    expect(await bud.endpoints.logs(bud.caller, 'chat', 5)).not.toEqual([])

    expect(await ended(await bud.endpoints.delete(bud.caller, 'chat'))).toMatchObject({ state: 'succeeded' })
    expect((await bud.clusters.get(bud.caller, 'fast')).gpus).toMatchObject([{ total: 8, free: 8 }])
    await stopReconciling()
  })

  it('comes back by itself when the whole cluster was killed, and its route follows', async () => {
    await ended(
      await bud.endpoints.create(bud.caller, {
        name: 'chat',
        model: 'with-files',
        cluster: 'fast',
        deployment: llamaOn('nvidia-a100-80gb', 1, 2),
      }),
    )
    const { id, cluster } = await endpoint()
    await host.kill(cluster.id)
    await bud.reconcile()
    const state = async () => {
      await bud.reconcile()
      return (await endpoint()).state.name
    }
    await expect.poll(state, { timeout: 15_000 }).toBe('ready')
    const addresses = publisher.upstreamsOf(id)?.map((upstream) => upstream.base_url) ?? []
    expect(addresses).toHaveLength(2)
    for (const address of addresses) expect((await fetch(`${address}/health`)).status).toBe(200)
  })
})

describe('a deployment whose engines run out of memory', () => {
  it('is read from what the engines say, undone, and leaves nothing on a GPU', { timeout: 60_000 }, async () => {
    await bud.clusters.create(bud.caller, {
      name: 'slow',
      kind: 'simulated',
      stage: 'staging',
      nodes: [{ count: 1, gpu_type: 'nvidia-l40s', gpu_count: 2 }],
      startup_time_factor: 0.02,
    })
    const accepted = await bud.endpoints.create(bud.caller, {
      name: 'hungry',
      model: 'llama',
      cluster: 'slow',
      deployment: llamaOn('L40S-48GB', 1, 2),
    })
    const { cluster } = await bud.endpoints.get(bud.caller, 'hungry')
    const { url, token } = await host.connect({ id: cluster.id, nodes: [], startup_time_factor: 0.02 })
    const setFault = () =>
      fetch(`${url}/control/releases/hungry-${accepted.id.slice(-6)}/fault`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ out_of_memory_at_load: true }),
      })
    await expect.poll(async () => (await setFault()).status, { interval: 20, timeout: 10_000 }).toBe(204)
    const operation = await ended(accepted)
    expect(operation).toMatchObject({
      state: 'failed',
      reasons: expect.arrayContaining([
        expect.objectContaining({ code: 'gpu-out-of-memory', evidence: expect.stringContaining('out of memory') }),
      ]),
    })
    expect(await bud.endpoints.get(bud.caller, 'hungry')).toMatchObject({ state: { name: 'failed' }, replicas: [] })
    expect((await bud.clusters.get(bud.caller, 'slow')).gpus).toMatchObject([{ total: 2, free: 2 }])
  })
})
