import type { Platform } from '@bud/platform'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHarness, createMigratedPlatform, type Harness } from '../testing/harness.ts'
import { llamaOn } from '../testing/llama-facts.ts'

let platform: Platform
let harness: Harness
beforeAll(async () => {
  platform = await createMigratedPlatform()
})
afterAll(() => platform.close())
beforeEach(async () => {
  harness = await createHarness(platform)
})
afterEach(() => harness.close())

const accept = (model = 'llama', deployment = llamaOn('nvidia-a100-80gb', 2, 2)) =>
  harness.endpoints.create(harness.caller, { name: 'chat', model, cluster: 'demo', deployment })
const endpoint = () => harness.endpoints.get(harness.caller, 'chat')
const statesOf = (operation: { steps: { name: string; state: string }[] }) =>
  Object.fromEntries(operation.steps.map(({ name, state }) => [name, state]))

describe('deploy', () => {
  it('goes from an accepted deployment to traffic, and says at each step what has happened', async () => {
    const { operation_id } = await accept()
    expect(await endpoint()).toMatchObject({ state: { name: 'validating' }, operation_id, ready_replicas: 0 })
    const operation = await harness.finish(operation_id)
    expect(operation).toMatchObject({ kind: 'deploy', state: 'succeeded', reasons: [] })
    expect(operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'validate succeeded',
      'transfer skipped',
      'start succeeded',
      'verify succeeded',
      'route succeeded',
    ])
    expect(operation.steps.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^4 × A100-SXM-80GB reserved on cluster "demo": a100.* \(\d\)/),
      expect.stringContaining('has no files'),
      expect.stringMatching(/^2 of 2 replicas ready after [\d.]+ s\.$/),
      expect.stringMatching(/"chat" listed, and a real completion from 2 replicas: 19 characters in \d+.* ms\.$/),
      expect.stringContaining('snapshot 1'),
    ])
    expect(operation.steps[2]?.progress).toEqual({ done: 2, total: 2, unit: 'replicas' })
    const { id } = await endpoint()
    expect(await endpoint()).toMatchObject({ state: { name: 'ready', reasons: [] }, ready_replicas: 2, revision: 1 })
    expect(harness.publisher.upstreamsOf(id)).toMatchObject([{ model: 'chat' }, { model: 'chat' }])
    expect(await harness.gpusHeld()).toEqual({ chat: 4 })
    expect(harness.violations).toEqual([])
  })

  it('streams the files of a model into the cluster and compares them with the manifest', async () => {
    harness.models.add('tiny', { files: { 'config.json': '{}', 'model.safetensors': 'w'.repeat(5000) } })
    const { operation_id } = await accept('tiny')
    const operation = await harness.finish(operation_id)
    expect(operation.steps[1]).toMatchObject({
      state: 'succeeded',
      message: expect.stringContaining('sha256 of all 2 files agrees'),
      progress: { done: 5002, total: 5002, unit: 'bytes' },
    })
  })

  it('refuses a file that was changed since the scan, and leaves nothing behind', async () => {
    harness.models.add('tiny', { files: { 'config.json': '{}', 'model.safetensors': 'w'.repeat(5000) } })
    const { operation_id } = await accept('tiny')
    harness.models.tamper('tiny', 'model.safetensors', 'x'.repeat(5000))
    const operation = await harness.finish(operation_id)
    expect(operation).toMatchObject({ state: 'failed', reasons: [{ code: 'model-object-changed' }] })
    expect(statesOf(operation)).toEqual({
      validate: 'undone',
      transfer: 'failed',
      start: 'skipped',
      verify: 'skipped',
      route: 'skipped',
    })
    expect(await harness.gpusHeld()).toEqual({})
    expect(harness.cluster.replicas()).toEqual([])
  })

  it.each([
    ['CUDA out of memory. Tried to allocate 2.00 GiB.', 'gpu-out-of-memory', 1],
    ['RuntimeError: Engine core initialization failed.', 'engine-crashed', 3],
  ])('reads "%s" for the user and undoes everything', async (said, code, restarts) => {
    harness.cluster.crashOnStart.set(1, said)
    const { id, operation_id } = await accept()
    const operation = await harness.finish(operation_id)
    expect(operation.reasons[0]).toMatchObject({
      code,
      evidence: said,
      message: expect.stringContaining(`${restarts} restart`),
      next_step: expect.any(String),
    })
    expect(statesOf(operation)).toMatchObject({ validate: 'undone', start: 'failed', verify: 'skipped' })
    expect(await endpoint()).toMatchObject({ state: { name: 'failed', reasons: [{ code }, { code }] }, replicas: [] })
    expect(await harness.gpusHeld()).toEqual({})
    expect(harness.cluster.replicas()).toEqual([])
    expect(harness.publisher.upstreamsOf(id)).toBeUndefined()
  })

  it('gives up when the time its weights should need has passed twice', async () => {
    const { operation_id } = await accept()
    harness.cluster.releases.status = async (name) => ({ name, endpoint_id: '', replicas: [] })
    harness.cluster.releases.remove = async () => {}
    const operation = await harness.finish(operation_id)
    expect(operation.reasons).toMatchObject([{ code: 'start-timed-out', message: expect.stringContaining('0 of 2') }])
  })

  it('fails when a replica answers with nothing, before any traffic', async () => {
    harness.cluster.completion = ''
    const { id, operation_id } = await accept()
    const operation = await harness.finish(operation_id)
    expect(operation.reasons).toMatchObject([{ code: 'verification-failed', message: 'The completion has no text.' }])
    expect(statesOf(operation)).toMatchObject({ start: 'undone', verify: 'failed', route: 'skipped' })
    expect(harness.publisher.upstreamsOf(id)).toBeUndefined()
  })

  it('fails when the model was quarantined between acceptance and start', async () => {
    const { operation_id } = await accept()
    const model = harness.models.models.get('llama')
    if (model) model.state = { ...model.state, name: 'quarantined' }
    expect((await harness.finish(operation_id)).reasons).toMatchObject([{ code: 'model-quarantined' }])
  })

  it('keeps a failed endpoint for people to read, and gives its name free when it is deleted', async () => {
    harness.cluster.crashOnStart.set(1, 'CUDA out of memory.')
    const first = await accept()
    await harness.finish(first.operation_id)
    await expect(accept()).rejects.toMatchObject({ code: 'conflict', reasons: [{ code: 'name-taken' }] })
    const { operation_id } = await harness.endpoints.delete(harness.caller, 'chat')
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'succeeded' })
    harness.cluster.crashOnStart.clear()
    const second = await accept()
    expect(await harness.finish(second.operation_id)).toMatchObject({ state: 'succeeded' })
    expect(second.id).not.toBe(first.id)
  })

  it('succeeds, with what was reserved, when the cluster does not answer at the very end', async () => {
    const { operation_id } = await accept('llama', llamaOn('nvidia-a100-80gb', 4, 1))
    harness.flowRuns.runOf(operation_id).crashAt('conclude', 'before')
    await harness.flowRuns.execute(operation_id)
    harness.cluster.unreachable = 'connection refused'
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'succeeded' })
    harness.cluster.unreachable = undefined
    expect(await endpoint()).toMatchObject({ state: { name: 'ready' } })
    expect(await harness.gpusHeld()).toEqual({ chat: 4 })
  })

  it('is started again when the process died between accepting and starting', async () => {
    harness.flowRuns.losing = true
    const { operation_id } = await accept()
    harness.flowRuns.losing = false
    await harness.reconcile()
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'succeeded' })
  })
})

describe('deploy, killed', () => {
  const STEPS = ['validate', 'transfer', 'start', 'verify', 'route', 'conclude']
  const kills = STEPS.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const])

  it.each(kills)('at %s (%s it happened) goes on and is never doubled', async (step, when) => {
    const { id, operation_id } = await accept()
    harness.flowRuns.runOf(operation_id).crashAt(step, when)
    expect(await harness.flowRuns.execute(operation_id)).toMatchObject({ state: 'crashed', step })
    expect(await harness.finish(operation_id)).toMatchObject({ state: 'succeeded' })
    expect(await endpoint()).toMatchObject({ state: { name: 'ready' }, ready_replicas: 2 })
    expect(harness.cluster.replicas()).toHaveLength(2)
    expect(harness.publisher.upstreamsOf(id)).toHaveLength(2)
    expect(await harness.gpusHeld()).toEqual({ chat: 4 })
    expect(harness.violations).toEqual([])
  })

  const UNDO_STEPS = ['verify', 'undo start', 'undo transfer', 'undo validate', 'conclude']
  const undoKills = UNDO_STEPS.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const])

  it.each(undoKills)('at %s (%s it happened) while it is being undone ends undone', async (step, when) => {
    harness.cluster.completion = ''
    const { operation_id } = await accept()
    harness.flowRuns.runOf(operation_id).crashAt(step, when)
    expect(await harness.flowRuns.execute(operation_id)).toMatchObject({ state: 'crashed', step })
    expect(await harness.finish(operation_id)).toMatchObject({
      state: 'failed',
      reasons: [{ code: 'verification-failed' }],
    })
    expect(await endpoint()).toMatchObject({ state: { name: 'failed' } })
    expect(harness.cluster.replicas()).toEqual([])
    expect(await harness.gpusHeld()).toEqual({})
  })
})
