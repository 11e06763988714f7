import type { Deployment } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHarness, createMigratedPlatform, type Harness } from '../testing/harness.ts'
import { llamaOn } from '../testing/llama-facts.ts'

let platform: Platform
let harness: Harness
let id: string
let fewestServing: number
beforeAll(async () => {
  platform = await createMigratedPlatform()
})
afterAll(() => platform.close())
beforeEach(async () => {
  harness = await createHarness(platform)
})
afterEach(() => harness.close())

/** Two replicas; the fewest that ever get traffic from here on are noted. */
const deploy = async (gpu_type: string, gpu_count: number) => {
  id = await harness.deploy('chat', llamaOn(gpu_type, gpu_count, 2))
  fewestServing = 2
  const watch = harness.publisher.onChange
  harness.publisher.onChange = (endpoint, upstreams) => {
    watch(endpoint, upstreams)
    fewestServing = Math.min(fewestServing, upstreams.length)
  }
}
const shorter = (gpu_type: string, gpu_count: number, replicas = 2): Deployment => {
  const deployment = llamaOn(gpu_type, gpu_count, replicas)
  return { ...deployment, config: { ...deployment.config, max_model_len: 4096 } }
}
const update = (deployment = shorter('H100-SXM-80GB', 2)) =>
  harness.endpoints.update(harness.caller, 'chat', { deployment })
const endpoint = () => harness.endpoints.get(harness.caller, 'chat')
const expectRunning = async (revision: number, gpus: number) => {
  expect(await endpoint()).toMatchObject({ state: { name: 'ready' }, revision, ready_replicas: 2 })
  expect(harness.cluster.replicas().map((replica) => [replica.revision, replica.ordinal])).toEqual([
    [revision, 0],
    [revision, 1],
  ])
  expect(
    harness.publisher
      .upstreamsOf(id)
      ?.map((upstream) => upstream.id)
      .sort(),
  ).toEqual(harness.cluster.replicas().map((replica) => replica.id))
  expect(await harness.gpusHeld()).toEqual({ chat: gpus })
  expect(harness.violations).toEqual([])
}

describe('update', () => {
  it('starts new replicas beside the old ones where GPUs are free, and never serves with fewer', async () => {
    await deploy('H100-SXM-80GB', 2)
    const { operation_id } = await update()
    expect(await harness.gpusHeld()).toEqual({ chat: 6 })
    const operation = await harness.finish(operation_id)
    expect(operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'start-1 succeeded',
      'stop-1 succeeded',
      'start-2 succeeded',
      'stop-2 succeeded',
    ])
    await expectRunning(2, 4)
    expect(fewestServing).toBe(2)
    expect(
      (await endpoint()).revisions.map(({ number, deployment }) => [number, deployment.config.max_model_len]),
    ).toEqual([
      [1, 8192],
      [2, 4096],
    ])
  })

  it('makes room one replica at a time where none are free, and never serves with none', async () => {
    await deploy('nvidia-a100-80gb', 4)
    const operation = await harness.finish((await update(shorter('nvidia-a100-80gb', 4))).operation_id)
    expect(operation.steps.map(({ name }) => name)).toEqual(['stop-1', 'start-1', 'stop-2', 'start-2'])
    await expectRunning(2, 8)
    expect(fewestServing).toBe(1)
  })

  it('is refused where making room would take the only ready replica', async () => {
    await deploy('nvidia-a100-80gb', 4)
    harness.cluster.crash(harness.cluster.replicas()[0]?.id ?? '')
    await harness.reconcile()
    await expect(update(shorter('nvidia-a100-80gb', 4))).rejects.toMatchObject({
      code: 'conflict',
      reasons: [{ code: 'no-room-to-update', message: expect.stringContaining('1 ready') }],
    })
    expect(harness.publisher.upstreamsOf(id)).toHaveLength(1)
  })

  it('is refused with the numbers where making room would stop all traffic', async () => {
    await deploy('nvidia-a100-80gb', 4)
    await harness.finish((await harness.endpoints.scale(harness.caller, 'chat', { replicas: 1 })).operation_id)
    await harness.deploy('other', llamaOn('nvidia-a100-80gb', 4))
    await expect(update(shorter('nvidia-a100-80gb', 4, 1))).rejects.toMatchObject({
      code: 'conflict',
      reasons: [
        {
          code: 'no-room-to-update',
          message: expect.stringContaining('needs 4 A100-SXM-80GB; on cluster "demo" 0 are free'),
          evidence: expect.stringContaining('other (4 GPUs)'),
        },
      ],
    })
    expect(await endpoint()).toMatchObject({ state: { name: 'ready' }, revision: 1, operation_id: expect.any(String) })
  })

  it('goes back to the old revision, under traffic, when the new one does not start', async () => {
    await deploy('H100-SXM-80GB', 2)
    harness.cluster.crashOnStart.set(2, 'error: unrecognized arguments: --swap-space 4')
    const operation = await harness.finish((await update()).operation_id)
    expect(operation).toMatchObject({ state: 'failed', reasons: [{ code: 'unknown-flag' }] })
    expect(await endpoint()).toMatchObject({ state: { name: 'ready', reasons: [{ code: 'update-undone' }] } })
    expect((await endpoint()).state.reasons[0]?.message).toBe(
      'The update to revision 2 failed and was undone; revision 1 is in force.',
    )
    await expectRunning(1, 4)
    expect(fewestServing).toBe(2)
  })

  it('goes back from half-way, where one replica had already been replaced', async () => {
    await deploy('nvidia-a100-80gb', 4)
    const { operation_id } = await update(shorter('nvidia-a100-80gb', 4))
    harness.flowRuns.runOf(operation_id).crashAt('start-2', 'before')
    await harness.flowRuns.execute(operation_id)
    harness.cluster.crashOnStart.set(2, 'CUDA out of memory.')
    const operation = await harness.finish(operation_id)
    expect(operation.state).toBe('failed')
    expect(operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'stop-1 undone',
      'start-1 undone',
      'stop-2 undone',
      'start-2 failed',
    ])
    await expectRunning(1, 8)
    expect(fewestServing).toBe(1)
  })

  it('keeps the targets that were set while it was under way', async () => {
    await deploy('H100-SXM-80GB', 2)
    const { operation_id } = await update()
    const targets = { ttft_ms: 250 }
    await harness.endpoints.setTargets(harness.caller, 'chat', targets)
    await harness.finish(operation_id)
    expect(await endpoint()).toMatchObject({ revision: 2, targets })
  })

  it('is a scaling when only the number of replicas differs, and nothing when nothing does', async () => {
    await deploy('H100-SXM-80GB', 2)
    const { operation_id } = await update(llamaOn('H100-SXM-80GB', 2, 3))
    expect(await harness.finish(operation_id)).toMatchObject({ kind: 'scale', state: 'succeeded' })
    expect(await update(llamaOn('H100-SXM-80GB', 2, 3))).toEqual({ id, operation_id })
    expect((await endpoint()).revision).toBe(1)
  })

  it('moves to another GPU type', async () => {
    await deploy('H100-SXM-80GB', 2)
    await harness.finish((await update(shorter('L40S-48GB', 1))).operation_id)
    await expectRunning(2, 2)
  })

  it('refuses what cannot run, before anything changes', async () => {
    await deploy('H100-SXM-80GB', 2)
    const impossible = shorter('H100-SXM-80GB', 2)
    await expect(
      update({ ...impossible, config: { ...impossible.config, max_model_len: 10_000_000 } }),
    ).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'context-too-long' })]),
    })
    await expectRunning(1, 4)
  })
})

describe('update, killed', () => {
  const at = (steps: string[]) => steps.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const])

  it.each(at(['start-1', 'stop-1', 'start-2', 'stop-2', 'conclude']))('at %s (%s) goes on', async (step, when) => {
    await deploy('H100-SXM-80GB', 2)
    const { operation_id } = await update()
    harness.flowRuns.runOf(operation_id).crashAt(step, when)
    expect(await harness.flowRuns.execute(operation_id)).toMatchObject({ state: 'crashed' })
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'succeeded' })
    await expectRunning(2, 4)
    expect(fewestServing).toBe(2)
  })

  it.each(at(['roll back', 'undo start-2', 'undo stop-1', 'undo start-1', 'conclude']))(
    'while it goes back at %s (%s) ends where it began',
    async (step, when) => {
      await deploy('H100-SXM-80GB', 2)
      const { operation_id } = await update()
      const run = harness.flowRuns.runOf(operation_id).crashAt('start-2', 'before')
      await harness.flowRuns.execute(operation_id)
      harness.cluster.crashOnStart.set(2, 'CUDA out of memory.')
      run.crashAt(step, when)
      expect(await harness.flowRuns.execute(operation_id)).toMatchObject({ state: 'crashed' })
      expect(await harness.finish(operation_id)).toMatchObject({ state: 'failed' })
      await expectRunning(1, 4)
      expect(fewestServing).toBeGreaterThanOrEqual(2)
    },
  )
})
