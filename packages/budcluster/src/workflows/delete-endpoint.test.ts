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

const remove = () => harness.endpoints.delete(harness.caller, 'chat')
const expectNothingLeft = async () => {
  await expect(harness.endpoints.get(harness.caller, id)).rejects.toMatchObject({ code: 'not-found' })
  expect(harness.cluster.replicas()).toEqual([])
  expect(harness.publisher.upstreamsOf(id)).toBeUndefined()
  expect(await harness.gpusHeld()).toEqual({})
  expect(harness.violations).toEqual([])
}

describe('delete', () => {
  it('takes traffic first, then the replicas, then the GPUs, and leaves nothing', async () => {
    const { operation_id } = await remove()
    expect(await harness.endpoints.get(harness.caller, 'chat')).toMatchObject({ state: { name: 'deleting' } })
    const operation = await harness.finish(operation_id)
    expect(operation).toMatchObject({ kind: 'delete', state: 'succeeded' })
    expect(operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'withdraw succeeded',
      'drain succeeded',
      'remove succeeded',
      'release succeeded',
    ])
    await expectNothingLeft()
  })

  it('is content with finding nothing in the cluster', async () => {
    harness.cluster.forgetRelease(`chat-${id.slice(-6)}`)
    expect(await harness.finish((await remove()).operation_id)).toMatchObject({ state: 'succeeded' })
    await expectNothingLeft()
  })

  it('says so when the cluster does not answer, keeps the GPUs reserved, and can be asked for again', async () => {
    const { operation_id } = await remove()
    harness.cluster.unreachable = 'connection refused'
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'failed', reasons: [{ code: 'unavailable' }] })
    harness.cluster.unreachable = undefined
    expect(await harness.endpoints.get(harness.caller, 'chat')).toMatchObject({
      state: { name: 'failed', reasons: [{ code: 'delete-unfinished', evidence: expect.stringContaining('refused') }] },
    })
    expect(await harness.gpusHeld()).toEqual({ chat: 4 })
    await harness.finish((await remove()).operation_id)
    await expectNothingLeft()
  })

  it('frees the model and the cluster for deletion', async () => {
    expect(await harness.modelUsage.usedBy(harness.caller.project_id, 'model-llama')).toEqual([
      { endpoint_id: id, endpoint_name: 'chat', version_id: 'mver-llama' },
    ])
    await expect(harness.clusters.delete(harness.caller, 'demo')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('chat (ready)'),
    })
    await harness.finish((await remove()).operation_id)
    expect(await harness.modelUsage.usedBy(harness.caller.project_id, 'model-llama')).toEqual([])
    await harness.clusters.delete(harness.caller, 'demo')
    expect(await harness.clusters.list(harness.caller)).toEqual([])
  })

  const kills = ['withdraw', 'drain', 'remove', 'release', 'conclude'].flatMap((step) => [
    [step, 'before'] as const,
    [step, 'after'] as const,
  ])
  it.each(kills)('killed at %s (%s it happened) goes on', async (step, when) => {
    const { operation_id } = await remove()
    harness.flowRuns.runOf(operation_id).crashAt(step, when)
    expect(await harness.flowRuns.execute(operation_id)).toMatchObject({ state: 'crashed' })
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'succeeded' })
    await expectNothingLeft()
  })
})
