import type { Platform } from '@bud/platform'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHarness, createMigratedPlatform, type Harness } from '../testing/harness.ts'
import { LLAMA_8B, llamaOn } from '../testing/llama-facts.ts'

let platform: Platform
let harness: Harness
let id: string
beforeAll(async () => {
  platform = await createMigratedPlatform()
})
afterAll(() => platform.close())
beforeEach(async () => {
  harness = await createHarness(platform)
  id = await harness.deploy('chat', llamaOn('H100-SXM-80GB', 2, 2))
})
afterEach(() => harness.close())

const endpoint = () => harness.endpoints.get(harness.caller, 'chat')
const routed = () => harness.publisher.upstreamsOf(id)?.map((upstream) => upstream.id)
const request = (name: string) => ({ name, model: 'llama', cluster: 'demo', deployment: llamaOn('L40S-48GB') })
const release = () => `chat-${id.slice(-6)}`

describe('reconcile', () => {
  it('takes a crashed replica out of the route at once, says why, and brings it back when it is ready', async () => {
    harness.cluster.crash(`${release()}-r1-1`, 'CUDA error: an illegal memory access was encountered')
    await harness.reconcile()
    expect(routed()).toEqual([`${release()}-r1-0`])
    expect((await endpoint()).state).toMatchObject({
      name: 'degraded',
      reasons: [
        {
          code: 'replicas-missing',
          message: expect.stringContaining('1 of 2 replicas are ready'),
          evidence: 'CUDA error: an illegal memory access was encountered',
        },
      ],
    })
    await harness.cluster.releases.status(release())
    await harness.cluster.releases.status(release())
    await harness.reconcile()
    expect(routed()).toEqual([`${release()}-r1-0`, `${release()}-r1-1`])
    expect((await endpoint()).state).toMatchObject({ name: 'ready', reasons: [] })
  })

  it('leaves the route alone, and says so, while the cluster does not answer', async () => {
    harness.cluster.unreachable = 'connection refused'
    await harness.reconcile()
    harness.cluster.unreachable = undefined
    expect(routed()).toHaveLength(2)
    expect((await endpoint()).state).toMatchObject({ name: 'degraded', reasons: [{ code: 'cluster-unreachable' }] })
    await harness.reconcile()
    expect((await endpoint()).state).toMatchObject({ name: 'ready' })
  })

  it('applies again what somebody removed by hand', async () => {
    harness.cluster.forgetRelease(release())
    await harness.reconcile()
    expect(routed()).toEqual([])
    expect(await endpoint()).toMatchObject({ state: { name: 'degraded', reasons: [{ code: 'no-ready-replica' }] } })
    await harness.cluster.releases.status(release())
    await harness.reconcile()
    expect(routed()).toHaveLength(2)
    expect(harness.cluster.replicas()).toHaveLength(2)
  })

  it('removes releases that no endpoint wants, with a line in the log', async () => {
    await harness.cluster.releases.apply({
      name: 'orphan-000001',
      endpoint_id: 'ep-gone',
      served_model_name: 'orphan',
      facts: LLAMA_8B,
      groups: [{ revision: 1, replicas: 1, deployment: llamaOn('L40S-48GB') }],
    })
    await harness.reconcile()
    expect((await harness.cluster.releases.list()).map(({ name }) => name)).toEqual([release()])
    expect(harness.logged).toContainEqual(expect.stringContaining('Removing release orphan-000001'))
  })

  it('only takes lost replicas out of the route while an operation decides who gets traffic', async () => {
    const { operation_id } = await harness.endpoints.scale(harness.caller, 'chat', { replicas: 3 })
    harness.flowRuns.runOf(operation_id).crashAt('verify', 'before')
    await harness.flowRuns.execute(operation_id)
    harness.cluster.crash(`${release()}-r1-0`)
    await harness.reconcile()
    expect(routed()).toEqual([`${release()}-r1-1`])
    expect((await endpoint()).state.name).toBe('scaling')
  })

  it.each([
    ['scale', 'ready', () => harness.endpoints.scale(harness.caller, 'chat', { replicas: 3 })],
    ['delete', 'failed', () => harness.endpoints.delete(harness.caller, 'chat')],
    ['deploy', 'failed', () => harness.endpoints.create(harness.caller, request('second'))],
  ] as const)(
    'ends a %s whose flow has ended without saying so, and lets go of the endpoint',
    async (kind, state, ask) => {
      const { id: subject, operation_id } = await ask()
      harness.flowRuns.breakOff(operation_id)
      await harness.reconcile()
      expect(await platform.operations.find(harness.caller.project_id, operation_id)).toMatchObject({
        kind,
        state: 'failed',
        reasons: [{ code: 'flow-broken-off', next_step: expect.any(String) }],
      })
      const left = await harness.endpoints.get(harness.caller, subject)
      expect(left.state).toMatchObject({ name: state, reasons: [{ code: 'flow-broken-off' }] })
      const { operation_id: next } = await harness.endpoints.delete(harness.caller, subject)
      expect(await harness.finish(next)).toMatchObject({ state: 'succeeded' })
    },
  )

  it('changes nothing where nothing is to be changed', async () => {
    await harness.reconcile()
    const before = harness.cluster.calls.length
    await harness.reconcile()
    expect(harness.cluster.calls.slice(before)).toEqual(['list'])
  })
})

describe('scrape targets', () => {
  it('are the ready replicas, and their GPUs on each node', async () => {
    harness.cluster.crash(`${release()}-r1-1`)
    const [target, ...others] = (await harness.scrapeTargets()).filter(({ endpoint_id }) => endpoint_id === id)
    expect(others).toEqual([])
    expect(target).toMatchObject({
      project_id: harness.caller.project_id,
      endpoint_name: 'chat',
      engine: 'vllm',
      engine_version: expect.stringMatching(/^\d/),
      replicas: [{ id: `${release()}-r1-0`, metrics_url: expect.stringContaining('/metrics') }],
      nodes: [{ node: 'h100-1', gpus: [0, 1, 2, 3] }],
    })
  })

  it('name the engine of each replica, which may be of the next revision already', async () => {
    const next = { ...llamaOn('H100-SXM-80GB', 2, 2), runtime: 'sglang' as const, runtime_version: undefined }
    const { operation_id } = await harness.endpoints.update(harness.caller, 'chat', { deployment: next })
    harness.flowRuns.runOf(operation_id).crashAt('stop-1', 'before')
    await harness.flowRuns.execute(operation_id)
    const target = (await harness.scrapeTargets()).find(({ endpoint_id }) => endpoint_id === id)
    expect(target?.engine).toBe('vllm')
    expect(target?.replicas).toMatchObject([
      { id: `${release()}-r1-0`, engine: 'vllm', engine_version: target?.engine_version },
      { id: `${release()}-r1-1`, engine: 'vllm' },
      { id: `${release()}-r2-0`, engine: 'sglang', engine_version: expect.stringMatching(/^\d/) },
    ])
  })

  it('leave out a cluster that does not answer', async () => {
    harness.cluster.unreachable = 'connection refused'
    expect((await harness.scrapeTargets()).filter(({ endpoint_id }) => endpoint_id === id)).toEqual([])
  })
})
