import { Targets, Workload } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHarness, createMigratedPlatform, type Harness } from '../../testing/harness.ts'
import { llamaOn } from '../../testing/llama-facts.ts'

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

const request = (change: object = {}) => ({
  name: 'chat',
  model: 'llama',
  cluster: 'demo',
  deployment: llamaOn('nvidia-a100-80gb', 4, 2),
  ...change,
})
const validate = (change: object = {}) => harness.endpoints.validate(harness.caller, request(change))
const create = (change: object = {}) => harness.endpoints.create(harness.caller, request(change))

describe('validate', () => {
  it('predicts what would pass, and changes nothing', async () => {
    expect(await validate()).toMatchObject({ ok: true, reasons: [], prediction: { gpus: 8, memory: { fits: true } } })
    expect(await harness.endpoints.list(harness.caller)).toEqual([])
    expect(await harness.gpusHeld()).toEqual({})
  })

  it('takes the guide’s document with its outer key', async () => {
    expect(await validate({ deployment: { deployment: llamaOn('nvidia-a100-80gb', 4, 2) } })).toMatchObject({
      ok: true,
    })
  })

  it('names every problem at once, whatever its kind', async () => {
    const { ok, reasons } = await validate({
      model: 'nobody',
      cluster: 'nowhere',
      deployment: { runtime: 'vlm', replicas: 0, resources: { gpu_type: 'x', gpu_count: 1 } },
    })
    expect(ok).toBe(false)
    expect(reasons.map(({ code, path }) => path ?? code)).toEqual([
      'not-found',
      'not-found',
      'deployment.runtime',
      'deployment.replicas',
    ])
  })

  it('counts the GPUs of an endpoint as free for its own update, not for another endpoint', async () => {
    await harness.deploy('chat', llamaOn('nvidia-a100-80gb', 4, 2))
    const another = { name: 'second', deployment: llamaOn('nvidia-a100-80gb', 2, 4) }
    expect(await validate(another)).toMatchObject({ ok: false, reasons: [{ code: 'not-enough-gpus' }] })
    expect(await validate({ ...another, name: undefined, endpoint: 'chat' })).toMatchObject({ ok: true, reasons: [] })
    expect(await validate({ endpoint: 'nobody' })).toMatchObject({ ok: false, reasons: [{ code: 'not-found' }] })
  })

  it('says how an update would go, or why it cannot', async () => {
    await harness.deploy('chat', llamaOn('nvidia-a100-80gb', 4, 2))
    const update = { name: undefined, endpoint: 'chat' }
    expect(await validate({ ...update, deployment: llamaOn('nvidia-a100-80gb', 2, 4) })).toMatchObject({
      ok: true,
      warnings: expect.arrayContaining([
        expect.objectContaining({ code: 'rolling-update', message: expect.stringContaining('one replica at a time') }),
      ]),
    })
    harness.cluster.crash(harness.cluster.replicas()[0]?.id ?? '')
    expect(await validate({ ...update, deployment: llamaOn('nvidia-a100-80gb', 2, 4) })).toMatchObject({
      ok: false,
      reasons: [{ code: 'no-room-to-update' }],
    })
    harness.cluster.unreachable = 'connection refused'
    expect(await validate(update)).toMatchObject({ ok: false, reasons: [{ code: 'cluster-unreachable' }] })
  })

  it('asks for what is missing', async () => {
    const { reasons } = await harness.endpoints.validate(harness.caller, {})
    expect(reasons.map(({ path }) => path)).toEqual(['model', 'cluster', 'deployment'])
  })
})

describe('create', () => {
  it('answers with the one error there is', async () => {
    await expect(create({ model: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(create({ deployment: llamaOn('A100-SXM-80GB', 4, 9) })).rejects.toMatchObject({ code: 'conflict' })
    await expect(create({ deployment: llamaOn('A100-SXM-80GB', 3) })).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(create({ approval_id: 'appr-none' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('makes a name from the model’s where none is given, numbered where that is taken', async () => {
    const names = []
    for (let count = 0; count < 2; count++) {
      const { id } = await create({ name: undefined, deployment: llamaOn('L40S-48GB') })
      names.push((await harness.endpoints.get(harness.caller, id)).name)
    }
    expect(names).toEqual(['llama', 'llama-2'])
  })

  it('keeps the workload and what is predicted for it', async () => {
    const workload = Workload.parse({ concurrency: 8 })
    await create({ workload, targets: { ttft_ms: 300 } })
    expect(await harness.endpoints.get(harness.caller, 'chat')).toMatchObject({
      workload,
      targets: { ttft_ms: 300 },
      created_by: 'Ada',
      gateway_url: 'http://127.0.0.1:4000/v1',
      revisions: [{ number: 1, created_by: 'Ada', approval_id: null, predicted: { gpus: 8 } }],
    })
  })

  it('predicts nothing where no workload is known', async () => {
    await create()
    expect((await harness.endpoints.get(harness.caller, 'chat')).revisions[0]?.predicted).toBeNull()
  })
})

describe('endpoints', () => {
  it('list with their replicas, by id or name, for their own project only', async () => {
    const id = await harness.deploy('chat', llamaOn('H100-SXM-80GB', 2, 2))
    const [listed] = await harness.endpoints.list(harness.caller)
    expect(listed).toMatchObject({
      id,
      ready_replicas: 2,
      replicas: [{ node: 'h100-1', gpus: [0, 1] }, { gpus: [2, 3] }],
    })
    expect(await harness.endpoints.get(harness.caller, id)).toEqual(await harness.endpoints.get(harness.caller, 'chat'))
    const stranger = { project_id: 'another', name: 'Eve' }
    expect(await harness.endpoints.list(stranger)).toEqual([])
    for (const attempt of [
      harness.endpoints.get(stranger, id),
      harness.endpoints.scale(stranger, id, { replicas: 1 }),
      harness.endpoints.update(stranger, id, { deployment: llamaOn('L40S-48GB') }),
      harness.endpoints.delete(stranger, id),
      harness.endpoints.logs(stranger, id, 10),
      harness.endpoints.setTargets(stranger, id, {}),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'not-found' })
  })

  it('are shown, without replicas, while their cluster does not answer', async () => {
    await harness.deploy('chat', llamaOn('H100-SXM-80GB', 2, 2))
    harness.cluster.unreachable = 'connection refused'
    expect(await harness.endpoints.list(harness.caller)).toMatchObject([{ name: 'chat', replicas: [] }])
  })

  it('show the last lines of their engines', async () => {
    await harness.deploy('chat', llamaOn('H100-SXM-80GB', 2, 2))
    expect(await harness.endpoints.logs(harness.caller, 'chat', 10)).toHaveLength(2)
  })

  it('change their targets', async () => {
    await create()
    const targets = Targets.parse({ ttft_ms: 250 })
    expect(await harness.endpoints.setTargets(harness.caller, 'chat', targets)).toMatchObject({ name: 'chat', targets })
    expect(await harness.endpoints.get(harness.caller, 'chat')).toMatchObject({ targets })
  })

  it('are told about as they change', async () => {
    const stop = new AbortController()
    const seen: string[] = []
    const reading = (async () => {
      for await (const { type } of platform.events.subscribe(harness.caller.project_id, stop.signal)) seen.push(type)
    })()
    await harness.deploy('chat', llamaOn('L40S-48GB'))
    stop.abort()
    await reading
    expect(new Set(seen)).toEqual(new Set(['endpoint.changed', 'operation.changed', 'cluster.changed']))
  })
})
