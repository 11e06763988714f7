import type { Platform } from '@bud/platform'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHarness, createMigratedPlatform, type Harness } from '../testing/harness.ts'
import { LLAMA_8B, llamaOn } from '../testing/llama-facts.ts'

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

/** Weights that no GPU of the demo cluster holds, nor all of them together. */
const ENORMOUS = { ...LLAMA_8B, parameter_count: 5e12, active_parameter_count: 5e12, weight_bytes: 1e13 }

describe('cluster fits', () => {
  it('names the smallest layout of a replica on each cluster', async () => {
    expect(await harness.clusterFits.of(harness.caller.project_id, LLAMA_8B)).toEqual([
      expect.objectContaining({ cluster_name: 'demo', fits: true, fits_now: true, gpu_count: 1 }),
    ])
    expect(await harness.clusterFits.of(harness.caller.project_id, ENORMOUS)).toEqual([
      expect.objectContaining({ fits: false, fits_now: false, gpu_type: null, gpu_count: null }),
    ])
  })

  it('answers for many models at once, in their order', async () => {
    const { project_id } = harness.caller
    expect(await harness.clusterFits.on(project_id, 'demo', [ENORMOUS, LLAMA_8B])).toEqual([false, true])
    await expect(harness.clusterFits.on(project_id, 'nowhere', [])).rejects.toMatchObject({ code: 'not-found' })
  })

  it('tells what fits an empty cluster from what fits beside what runs there now', async () => {
    const { caller } = harness
    for (const [name, gpu, replicas] of [
      ['a', 'H100-SXM-80GB', 16],
      ['b', 'A100-SXM-80GB', 8],
      ['c', 'L40S-48GB', 8],
    ] as const) {
      const deployment = llamaOn(gpu, 1, replicas)
      await harness.finish(
        (await harness.endpoints.create(caller, { name, model: 'llama', cluster: 'demo', deployment })).operation_id,
      )
    }
    const [demo] = await harness.clusterFits.of(caller.project_id, LLAMA_8B)
    expect(demo).toMatchObject({ fits: true, fits_now: false, gpu_count: 1 })
  })

  it('sees no cluster that does not answer as one that fits', async () => {
    harness.cluster.unreachable = 'connection refused'
    const [demo] = await harness.clusterFits.of(harness.caller.project_id, LLAMA_8B)
    expect(demo).toMatchObject({ fits: false, fits_now: false })
  })
})
