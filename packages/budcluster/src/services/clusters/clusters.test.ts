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

const create = (change: object = {}) =>
  harness.clusters.create(harness.caller, {
    name: 'lab',
    kind: 'simulated',
    stage: 'production',
    nodes: [{ count: 2, gpu_type: 'nvidia-l40s', gpu_count: 8 }],
    startup_time_factor: 0.1,
    ...change,
  })

describe('clusters', () => {
  it('every project begins with the demo cluster, once', async () => {
    await harness.clusters.ensureDemoCluster(harness.caller.project_id)
    const [demo, ...others] = await harness.clusters.list(harness.caller)
    expect(others).toEqual([])
    expect(demo).toMatchObject({
      name: 'demo',
      kind: 'simulated',
      stage: 'staging',
      needs_artifacts: false,
      state: 'ready',
      gpus: [
        { gpu_type: 'H100-SXM-80GB', total: 16, free: 16, largest_free_on_a_node: 8 },
        { gpu_type: 'A100-SXM-80GB', total: 8, free: 8, largest_free_on_a_node: 4 },
        { gpu_type: 'L40S-48GB', total: 8, free: 8, largest_free_on_a_node: 8 },
      ],
    })
  })

  it('a demo cluster that somebody deleted stays deleted', async () => {
    await harness.clusters.delete(harness.caller, 'demo')
    await harness.clusters.ensureDemoCluster(harness.caller.project_id)
    expect(await harness.clusters.list(harness.caller)).toEqual([])
  })

  it('are named once per project, by id or name, and their names can be used again', async () => {
    const lab = await create()
    expect(lab).toMatchObject({ name: 'lab', stage: 'production' })
    await expect(create()).rejects.toMatchObject({ code: 'conflict' })
    expect(await harness.clusters.get(harness.caller, lab.id)).toMatchObject({ name: 'lab' })
    await harness.clusters.delete(harness.caller, 'lab')
    await expect(harness.clusters.get(harness.caller, 'lab')).rejects.toMatchObject({ code: 'not-found' })
    expect((await create()).id).not.toBe(lab.id)
  })

  it('refuse a name or a GPU that cannot be', async () => {
    await expect(create({ name: 'My Lab' })).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(create({ nodes: [{ count: 1, gpu_type: 'z9000', gpu_count: 8 }] })).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [{ code: 'unknown-gpu-type', path: 'nodes.0.gpu_type' }],
    })
  })

  it('change their stage', async () => {
    expect(await harness.clusters.update(harness.caller, 'demo', { stage: 'production' })).toMatchObject({
      stage: 'production',
    })
    expect(await harness.clusters.get(harness.caller, 'demo')).toMatchObject({ stage: 'production' })
  })

  it('say why they do not answer', async () => {
    harness.cluster.unreachable = 'connection refused'
    expect(await harness.clusters.get(harness.caller, 'demo')).toMatchObject({
      state: 'unreachable',
      state_reason: 'connection refused',
      nodes: [],
    })
  })

  it('are not shown to another project', async () => {
    const stranger = { project_id: 'another', name: 'Eve' }
    expect(await harness.clusters.list(stranger)).toEqual([])
    for (const attempt of [
      harness.clusters.get(stranger, 'demo'),
      harness.clusters.delete(stranger, 'demo'),
      harness.clusters.update(stranger, 'demo', { stage: 'production' }),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'not-found' })
  })

  it('are not deleted while even a failed endpoint is on them', async () => {
    harness.cluster.crashOnStart.set(1, 'CUDA out of memory.')
    const deployment = llamaOn('L40S-48GB')
    const accepted = await harness.endpoints.create(harness.caller, {
      name: 'chat',
      model: 'llama',
      cluster: 'demo',
      deployment,
    })
    await harness.finish(accepted.operation_id)
    await expect(harness.clusters.delete(harness.caller, 'demo')).rejects.toMatchObject({
      code: 'conflict',
      reasons: [{ code: 'cluster-in-use', message: expect.stringContaining('"chat"') }],
    })
  })
})
