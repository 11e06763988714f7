import { failed } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHarness, createMigratedPlatform, type Harness } from '../testing/harness.ts'
import { llamaOn } from '../testing/llama-facts.ts'

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

const scale = (replicas: number) => harness.endpoints.scale(harness.caller, 'chat', { replicas })
const endpoint = () => harness.endpoints.get(harness.caller, 'chat')
const ordinals = () =>
  harness.cluster
    .replicas()
    .map(({ ordinal }) => ordinal)
    .sort()
const expectServing = async (replicas: number) => {
  expect(await endpoint()).toMatchObject({
    state: { name: 'ready' },
    ready_replicas: replicas,
    deployment: { replicas },
  })
  expect(ordinals()).toEqual(Array.from({ length: replicas }, (_, ordinal) => ordinal))
  expect(harness.publisher.upstreamsOf(id)).toHaveLength(replicas)
  expect(await harness.gpusHeld()).toEqual({ chat: replicas * 2 })
  expect(harness.violations).toEqual([])
}

describe('scale', () => {
  it('adds replicas that have answered before they get traffic', async () => {
    const { operation_id } = await scale(4)
    expect(await harness.gpusHeld()).toEqual({ chat: 8 })
    const operation = await harness.finish(operation_id)
    expect(operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'start succeeded',
      'verify succeeded',
      'route succeeded',
    ])
    expect(operation.steps[1]?.message).toContain('from 2 replicas')
    await expectServing(4)
    expect((await endpoint()).revisions).toHaveLength(1)
  })

  it('removes the highest ordinals after their traffic and their requests', async () => {
    const operation = await harness.finish((await scale(1)).operation_id)
    expect(operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'route succeeded',
      'drain succeeded',
      'remove succeeded',
    ])
    await expectServing(1)
  })

  it('waits for requests under way, and cuts them only at the drain limit', async () => {
    const leaving = harness.cluster.replicas().find(({ ordinal }) => ordinal === 1)?.id ?? ''
    harness.publisher.inFlight.set(leaving, 1)
    const startedMs = harness.clock.nowMs()
    const operation = await harness.finish((await scale(1)).operation_id)
    expect(operation.steps[1]?.message).toBe(`Requests on replica ${leaving} were cut after 10 s.`)
    expect(harness.clock.nowMs() - startedMs).toBeGreaterThanOrEqual(10_000)
    expect(harness.violations).toEqual([`${leaving} was stopped with requests under way`])
  })

  it('goes back to what was there when the new replicas do not start, without touching the old ones', async () => {
    const before = harness.cluster.replicas().map((replica) => replica.id)
    harness.cluster.crashOnStart.set(1, 'CUDA out of memory.')
    const operation = await harness.finish((await scale(4)).operation_id)
    expect(operation).toMatchObject({ state: 'failed', reasons: [{ code: 'gpu-out-of-memory' }, {}] })
    expect(await endpoint()).toMatchObject({ state: { name: 'ready', reasons: [{ code: 'scale-undone' }] } })
    expect(harness.cluster.replicas().map((replica) => replica.id)).toEqual(before)
    await expectServing(2)
  })

  it('refuses more than the cluster has, with the numbers, and changes nothing', async () => {
    await harness.deploy('other', llamaOn('H100-SXM-80GB', 4, 2))
    await expect(scale(5)).rejects.toMatchObject({
      code: 'conflict',
      reasons: [{ code: 'not-enough-gpus', path: 'replicas', message: expect.stringContaining('other (8 GPUs)') }],
    })
    expect(await endpoint()).toMatchObject({ state: { name: 'ready' }, ready_replicas: 2, deployment: { replicas: 2 } })
    expect(await harness.gpusHeld()).toEqual({ chat: 4, other: 8 })
  })

  it('says so, and keeps what is reserved, when going back fails too', async () => {
    const { apply } = harness.cluster.releases
    harness.cluster.releases.apply = async (release) => {
      if (release.groups[0]?.replicas === 2) throw failed('The cluster refuses.')
      await apply(release)
    }
    harness.cluster.crashOnStart.set(1, 'CUDA out of memory.')
    const operation = await harness.finish((await scale(4)).operation_id)
    expect(operation.reasons).toContainEqual(expect.objectContaining({ code: 'undo-failed' }))
    expect((await endpoint()).state).toMatchObject({
      name: 'ready',
      reasons: [
        {
          code: 'scale-not-undone',
          message:
            'Scaling from 2 to 4 replicas failed and could not be undone completely; the number wanted is 2 again.',
        },
      ],
    })
    expect((await harness.gpusHeld()).chat).toBeGreaterThanOrEqual(8)
  })

  it('adds replicas to a degraded endpoint, whatever becomes of the one that is down', async () => {
    const [first] = harness.cluster.replicas()
    harness.cluster.keepsCrashing.add(first?.id ?? '')
    for (let crashes = 0; crashes < 3; crashes++) harness.cluster.crash(first?.id ?? '')
    await harness.reconcile()
    const operation = await harness.finish((await scale(4)).operation_id)
    expect(operation).toMatchObject({ state: 'succeeded', reasons: [] })
    expect(operation.steps[0]?.message).toMatch(/^2 of 2 replicas ready/)
    expect(harness.publisher.upstreamsOf(id)).toHaveLength(3)
    await harness.reconcile()
    expect((await endpoint()).state).toMatchObject({ name: 'degraded', reasons: [{ code: 'replicas-missing' }] })
  })

  it('refuses to go down to replicas that are not ready, and leaves the ready one its traffic', async () => {
    const [first, second] = harness.cluster.replicas().map((replica) => replica.id)
    harness.cluster.crash(first ?? '')
    await harness.reconcile()
    await expect(scale(1)).rejects.toMatchObject({ code: 'conflict', reasons: [{ code: 'no-ready-replica-kept' }] })
    expect(harness.publisher.upstreamsOf(id)).toMatchObject([{ id: second }])
    expect(ordinals()).toEqual([0, 1])
  })

  it('has nothing to do for the number there is', async () => {
    const { operation_id } = await endpoint()
    expect(await scale(2)).toEqual({ id, operation_id })
  })

  it('refuses a second operation, naming the one under way', async () => {
    const { operation_id } = await scale(3)
    for (const second of [
      scale(4),
      harness.endpoints.delete(harness.caller, 'chat'),
      harness.endpoints.update(harness.caller, 'chat', { deployment: llamaOn('H100-SXM-80GB', 4) }),
    ])
      await expect(second).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(operation_id) })
    await harness.finish(operation_id)
    await harness.finish((await scale(4)).operation_id)
    await expectServing(4)
  })

  it('lets one of two that ask at the same moment have the endpoint', async () => {
    const answers = await Promise.allSettled([scale(3), scale(4)])
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('scale, killed', () => {
  const at = (steps: string[]) => steps.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const])

  it.each(at(['start', 'verify', 'route', 'conclude']))('on the way up at %s (%s) goes on', async (step, when) => {
    const { operation_id } = await scale(4)
    harness.flowRuns.runOf(operation_id).crashAt(step, when)
    expect(await harness.flowRuns.execute(operation_id)).toMatchObject({ state: 'crashed' })
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'succeeded' })
    await expectServing(4)
  })

  it.each(at(['route', 'drain', 'remove', 'conclude']))('on the way down at %s (%s) goes on', async (step, when) => {
    const { operation_id } = await scale(1)
    harness.flowRuns.runOf(operation_id).crashAt(step, when)
    expect(await harness.flowRuns.execute(operation_id)).toMatchObject({ state: 'crashed' })
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'succeeded' })
    await expectServing(1)
  })

  it.each(at(['undo start', 'conclude']))('while it is being undone at %s (%s) ends undone', async (step, when) => {
    harness.cluster.crashOnStart.set(1, 'CUDA out of memory.')
    const { operation_id } = await scale(4)
    harness.flowRuns.runOf(operation_id).crashAt(step, when)
    expect(await harness.flowRuns.execute(operation_id)).toMatchObject({ state: 'crashed' })
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'failed' })
    await expectServing(2)
  })
})
