import { Targets, Workload } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHarness, createMigratedPlatform, type Harness } from '../../testing/harness.ts'
import { llamaOn } from '../../testing/llama-facts.ts'
import { reference } from '../../testing/reference.ts'

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

const workload = Workload.parse({ input_tokens: 512, output_tokens: 128, concurrency: 16 })
const targets = Targets.parse({ ttft_ms: 2000 })
const optimize = (more: object = {}) =>
  harness.optimizations.create(harness.caller, {
    model: 'llama',
    cluster: 'demo',
    workload,
    targets,
    objective: 'cost',
    ...more,
  })
const factsOf = (name: string) => {
  const model = reference.models.find((one) => one.name === name)
  if (!model) throw new Error(`no model ${name}`)
  return model.facts
}
const finish = async ({ operation_id }: { operation_id: string }) => harness.finish(operation_id)

describe('optimise and approve', () => {
  it('keeps what was found, and who approved it with which edits', async () => {
    const found = await optimize()
    expect(found).toMatchObject({ feasible: true, approval: null, created_by: 'Ada', cluster: { name: 'demo' } })
    const recommended = found.candidates[0]?.deployment ?? llamaOn('')
    const edited = { ...recommended, config: { ...recommended.config, max_num_seqs: 64 } }
    const approval = await harness.optimizations.approve(harness.caller, found.id, { candidate: 0, deployment: edited })
    expect(approval).toMatchObject({
      approved_by: 'Ada',
      deployment: edited,
      edits: [{ path: 'deployment.config.max_num_seqs', from: String(recommended.config.max_num_seqs), to: '64' }],
    })
    expect(await harness.optimizations.get(harness.caller, found.id)).toEqual({ ...found, approval })
    const { pareto, ...listed } = found
    expect(pareto?.length).toBeGreaterThan(0)
    expect(await harness.optimizations.list(harness.caller, { limit: 10 })).toEqual([{ ...listed, approval }])
  })

  it('searches as it is asked to: how sure, how much memory is kept free, in which formats and by which method', async () => {
    const found = await optimize({
      confidence: 0.9,
      memory_headroom: 0.2,
      allow_quantization: true,
      search: 'genetic',
      runtimes: ['vllm'],
    })
    expect(found).toMatchObject({
      feasible: true,
      confidence: 0.9,
      method: expect.stringMatching(/^genetic \(seed 1\)/),
    })
    const configs = [...found.candidates, ...(found.pareto ?? [])].map(({ deployment }) => deployment.config)
    expect(new Set(configs.map((config) => config.gpu_memory_utilization))).toEqual(new Set([0.8]))
    expect(configs.some((config) => config.quantization === 'fp8')).toBe(true)
    expect((await optimize()).candidates.every(({ deployment: { config } }) => config.quantization === undefined)).toBe(
      true,
    )
  })

  it('approves and deploys a quantised expert layout with spread experts', async () => {
    harness.models.add('mixtral', { facts: factsOf('mistralai/Mixtral-8x7B-Instruct-v0.1') })
    const found = await optimize({ model: 'mixtral', allow_quantization: true, runtimes: ['vllm'] })
    const index = found.candidates.findIndex(
      ({ deployment: { config } }) => config.expert_parallel && config.quantization,
    )
    expect(index).toBeGreaterThanOrEqual(0)
    const approval = await harness.optimizations.approve(harness.caller, found.id, { candidate: index })
    const { data_parallel_size: ranks = 1, tensor_parallel_size: tensor } = approval.deployment.config
    expect(approval.deployment.resources.gpu_count).toBe(ranks * tensor)
    const accepted = await harness.endpoints.create(harness.caller, { approval_id: approval.id })
    expect(await finish(accepted)).toMatchObject({ state: 'succeeded' })
    const wrong = { ...approval.deployment, resources: { ...approval.deployment.resources, gpu_count: 3 } }
    await expect(
      harness.optimizations.approve(harness.caller, found.id, { candidate: index, deployment: wrong }),
    ).rejects.toMatchObject({
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'gpu-count-mismatch' })]),
    })
  })

  it('offers the next smaller model of the family, and says so where there is none', async () => {
    harness.models.add('meta-llama/Llama-3.1-70B-Instruct', { facts: factsOf('meta-llama/Llama-3.1-70B-Instruct') })
    const found = await optimize({ model: 'meta-llama/Llama-3.1-70B-Instruct' })
    expect(found.sibling).toMatchObject({ model: 'meta-llama/Llama-3.1-8B-Instruct', feasible: true })
    const cost = found.sibling?.candidate?.prediction.cost_usd_per_hour
    expect(cost).toBeLessThan(found.candidates[0]?.prediction.cost_usd_per_hour ?? 0)
    expect((await optimize()).sibling?.parameter_count ?? 0).toBeLessThan(8_030_261_248 * 0.7)
  })

  it('names limits that contradict each other', async () => {
    await expect(optimize({ targets: { ttft_ms: 2000, e2e_ms: 1000 } })).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [{ code: 'contradictory-limits', path: 'targets.e2e_ms' }],
    })
  })

  it('deploys what was approved, with its targets, its workload and its prediction', async () => {
    const found = await optimize()
    const approval = await harness.optimizations.approve(harness.caller, found.id, { candidate: 0 })
    const accepted = await harness.endpoints.create(harness.caller, { approval_id: approval.id })
    expect(await finish(accepted)).toMatchObject({ state: 'succeeded' })
    expect(await harness.endpoints.get(harness.caller, accepted.id)).toMatchObject({
      name: 'llama',
      targets,
      workload,
      deployment: approval.deployment,
      revisions: [{ approval_id: approval.id, predicted: { predictor: expect.any(String) } }],
    })
  })

  it('does not let an approval be used for something else', async () => {
    const found = await optimize()
    const approval = await harness.optimizations.approve(harness.caller, found.id, { candidate: 0 })
    const other = { ...approval.deployment, replicas: approval.deployment.replicas + 1 }
    await expect(
      harness.endpoints.create(harness.caller, { approval_id: approval.id, deployment: other }),
    ).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [{ code: 'not-as-approved', path: 'deployment.replicas' }],
    })
  })

  it('refuses to approve what cannot run, with every reason', async () => {
    const found = await optimize()
    const impossible = { ...llamaOn('L40S-48GB', 8, 2), resources: { gpu_type: 'L40S-48GB', gpu_count: 4 } }
    await expect(
      harness.optimizations.approve(harness.caller, found.id, { candidate: 0, deployment: impossible }),
    ).rejects.toMatchObject({
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'gpu-count-mismatch' })]),
    })
    await expect(harness.optimizations.approve(harness.caller, found.id, { candidate: 99 })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })

  it("counts an endpoint's own GPUs as free when it is optimised again, and applies it as a rolling update", async () => {
    await harness.deploy('chat', llamaOn('H100-SXM-80GB', 8))
    await harness.deploy('other', llamaOn('H100-SXM-80GB', 4))
    await harness.deploy('more', llamaOn('L40S-48GB', 8))
    await harness.deploy('rest', llamaOn('nvidia-a100-80gb', 4, 2))
    const gpusOf = (found: Awaited<ReturnType<typeof optimize>>) =>
      new Set(found.candidates.map(({ deployment }) => deployment.resources.gpu_count * deployment.replicas))
    expect(Math.max(...gpusOf(await optimize({ objective: 'throughput' })))).toBeLessThanOrEqual(4)
    const again = await optimize({ objective: 'throughput', endpoint: 'chat' })
    expect(Math.max(...gpusOf(again))).toBeGreaterThan(4)
    const index = again.candidates.findIndex(({ deployment }) => deployment.resources.gpu_count <= 4)
    const approval = await harness.optimizations.approve(harness.caller, again.id, { candidate: index })
    const accepted = await harness.endpoints.update(harness.caller, 'chat', { approval_id: approval.id })
    expect(await finish(accepted)).toMatchObject({ kind: 'update', state: 'succeeded' })
    expect(await harness.endpoints.get(harness.caller, 'chat')).toMatchObject({ revision: 2, targets, workload })
    expect(harness.violations).toEqual([])
  })

  it('says what comes closest when nothing holds the targets, and has nothing to approve then', async () => {
    const found = await optimize({ targets: { ttft_ms: 0.001 } })
    expect(found).toMatchObject({ feasible: false, candidates: [] })
    expect(found.nearest_misses.length).toBeGreaterThan(0)
    await expect(harness.optimizations.approve(harness.caller, found.id, { candidate: 0 })).rejects.toMatchObject({
      message: expect.stringContaining('nothing to approve'),
    })
  })

  it('predicts one configuration, whether it fits anywhere or not', async () => {
    const predict = (deployment: unknown) =>
      harness.optimizations.predict(harness.caller, { model: 'llama', deployment, workload })
    expect((await predict(llamaOn('nvidia-h100-80gb'))).memory.fits).toBe(true)
    expect((await predict(llamaOn('T4-16GB'))).memory.fits).toBe(false)
  })

  it('does not show one project what another has', async () => {
    const found = await optimize()
    const stranger = { project_id: 'another', name: 'Eve' }
    await expect(harness.optimizations.get(stranger, found.id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await harness.optimizations.list(stranger, { limit: 10 })).toEqual([])
  })
})
