import { createRefinedPredictor } from '@bud/budsim'
import type { BudEvent, Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { advisorMigrations } from './index.ts'
import { createTestAdvisor, predictor, type TestAdvisor, testEndpoint } from './testing/test-advisor.ts'

let platform: Platform
beforeAll(async () => {
  platform = await createTestPlatform()
  await platform.migrate('budadvisor', advisorMigrations)
})
afterAll(() => platform.close())

let test: TestAdvisor
let project = ''
let endpoint = testEndpoint()
let count = 0
beforeEach(() => {
  project = `project-${++count}`
  endpoint = testEndpoint({ project_id: project, endpoint_id: `ep-${count}` })
  test = createTestAdvisor(platform, {}, project)
  test.serving.endpoints.push(endpoint)
})

const observed = () =>
  test.advisor.observations.list({ project_id: project, endpoint_id: endpoint.endpoint_id, limit: 200 })
const versions = () => test.advisor.refinements.list(test.caller)
const serveMany = async (windows: number, slowness: number) => {
  for (let i = 0; i < windows; i++) await test.serve(endpoint, slowness * (1 + 0.01 * ((i % 3) - 1)))
}
const relative = (one: { measured: { tpot_ms: number | null }; predicted: { tpot_ms: number } } | undefined) =>
  (one?.measured.tpot_ms ?? 0) / (one?.predicted.tpot_ms ?? 1)

describe('windows of an endpoint', () => {
  it('are kept beside what was predicted for them', async () => {
    await test.serve(endpoint, 1.2)
    const { observations, refinement, drift } = await observed()
    expect(observations).toHaveLength(1)
    expect(observations[0]).toMatchObject({
      load: { input_tokens: 1024, output_tokens: 256, concurrency: 8, requests: 1000 },
      predictor: predictor.id,
      refinement: null,
      revision: 1,
    })
    expect(relative(observations[0])).toBeCloseTo(1.2, 6)
    expect(refinement).toBeNull()
    expect(drift).toMatchObject({ drifting: false })
  })

  it('are left out while they say nothing', async () => {
    expect(await test.advisor.recordWindows()).toEqual({
      recorded: 0,
      skipped: [{ endpoint_id: endpoint.endpoint_id, message: 'Nothing was measured.' }],
    })
    expect((await observed()).observations).toEqual([])
  })

  it('are seen by their project alone', async () => {
    await serveMany(3, 1.2)
    const other = { project_id: 'another', endpoint_id: endpoint.endpoint_id, limit: 10 }
    expect(await test.advisor.observations.list(other)).toMatchObject({
      observations: [],
      refinement: null,
      drift: null,
    })
    expect(await test.advisor.refinements.list({ project_id: 'another', name: 'Eve' })).toEqual([])
    expect(test.advisor.refinementOf('another')).toBeNull()
  })
})

describe('the refinement', () => {
  it('is made of the first windows, put in force, and brings predictions nearer to what is measured', async () => {
    await serveMany(3, 1.25)
    expect(await versions()).toMatchObject([
      { number: 1, active: true, observations: 3, endpoint_ids: [endpoint.endpoint_id], created_by: 'the system' },
    ])
    await test.serve(endpoint, 1.25)
    const { observations } = await observed()
    expect(observations[0]?.refinement).toBe(1)
    expect(Math.abs(relative(observations[0]) - 1)).toBeLessThan(0.1)
    expect(Math.abs(relative(observations.at(-1)) - 1)).toBeGreaterThan(0.2)
  })

  it('grows with what is observed, and every version stays as it was', async () => {
    await serveMany(3, 1.25)
    const [first] = await versions()
    await serveMany(12, 1.25)
    const all = await versions()
    expect(all.map(({ number, active }) => [number, active])).toEqual([
      [2, true],
      [1, false],
    ])
    expect(all[1]).toEqual({ ...first, active: false })
    expect(all[0]?.observations).toBe(15)
  })

  it('goes back to an earlier version, or to none, until a person chooses again', async () => {
    await serveMany(15, 1.25)
    const newest = test.advisor.refinementOf(project)
    expect(await test.advisor.refinements.activate(test.caller, 1)).toMatchObject({ number: 1, active: true })
    expect(test.advisor.refinementOf(project)?.id).toBe('refinement-1')
    await serveMany(12, 1.25)
    expect((await versions()).map(({ number, active }) => [number, active])).toEqual([
      [3, false],
      [2, false],
      [1, true],
    ])
    await test.advisor.refinements.deactivate(test.caller)
    expect(test.advisor.refinementOf(project)).toBeNull()
    await test.advisor.refinements.activate(test.caller, 3)
    await serveMany(13, 1.25)
    expect((await versions())[0]).toMatchObject({ number: 4, active: true })
    expect(newest?.id).toBe('refinement-2')
  })

  it('is in force after a restart, and the same object while it is the same version', async () => {
    await serveMany(3, 1.25)
    const again = createTestAdvisor(platform, {}, project)
    expect(again.advisor.refinementOf(project)).toBeNull()
    await again.advisor.load()
    const loaded = again.advisor.refinementOf(project)
    expect(loaded?.id).toBe('refinement-1')
    await again.advisor.load()
    expect(again.advisor.refinementOf(project)).toBe(loaded)
  })

  it('says which versions there are when another is asked for', async () => {
    await expect(test.advisor.refinements.activate(test.caller, 7)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('GET /refinements'),
    })
  })

  it('is made anew when predictions are another predictor’s, and the old one is refused', async () => {
    await serveMany(3, 1.25)
    const other = { ...predictor, id: 'another-predictor' }
    const again = createTestAdvisor(platform, { predictor: other }, project)
    await again.advisor.load()
    expect(again.advisor.refinementOf(project)).toBeNull()
    again.serving.endpoints.push(endpoint)
    again.clock.ms = test.clock.ms
    await again.serve(endpoint, 1.25)
    expect((await again.advisor.refinements.list(test.caller))[0]).toMatchObject({
      number: 2,
      active: true,
      predictor: 'another-predictor',
      observations: 4,
    })
    await expect(again.advisor.refinements.activate(test.caller, 1)).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('drift', () => {
  it('of an endpoint is said once, with its size, then learnt', async () => {
    const events: BudEvent[] = []
    const stop = new AbortController()
    const reading = (async () => {
      for await (const event of platform.events.subscribe(project, stop.signal)) events.push(event)
    })()
    await serveMany(40, 1.1)
    expect((await observed()).drift).toMatchObject({ drifting: false })
    expect(test.warnings).toEqual([])
    await serveMany(5, 1.1 * 1.3)
    const { drift } = await observed()
    expect(drift).toMatchObject({ drifting: true, target: 'tpot' })
    expect((drift?.to_ratio ?? 0) / (drift?.from_ratio ?? 1)).toBeCloseTo(1.3, 1)
    expect(test.warnings).toHaveLength(1)
    await serveMany(2, 1.1 * 1.3)
    const [latest] = await versions()
    expect(latest?.reason).toBe('What chat serves has shifted.')
    expect((await observed()).drift).toMatchObject({ drifting: false })
    await test.serve(endpoint, 1.1 * 1.3)
    expect(Math.abs(relative((await observed()).observations[0]) - 1)).toBeLessThan(0.06)
    stop.abort()
    await reading
    expect(events.filter(({ type }) => type === 'endpoint.changed')).toHaveLength(1)
    expect(events.some(({ type }) => type === 'refinement.changed')).toBe(true)
  })
})

describe('imported measurements', () => {
  const row = {
    engine: 'vllm',
    model: 'meta-llama/Llama-3.1-8B-Instruct',
    gpu: 'H100-SXM-80GB',
    num_gpus: 1,
    tp: 1,
    isl: 1024,
    osl: 256,
    concurrency_or_batch: 8,
    scenario: 'closed_loop_agg',
    tpot_ms_mean: 30,
  }

  it('refine predictions like windows do; rows that say nothing are named', async () => {
    const imported = await test.advisor.observations.import(test.caller, [row, { ...row, gpu: 'H1000' }])
    expect(imported).toEqual({
      recorded: 1,
      refinement: 1,
      skipped: [{ code: 'no-observation', message: expect.stringContaining('column gpu'), path: 'rows.1' }],
    })
    expect(await versions()).toMatchObject([{ number: 1, created_by: 'Ada', reason: '1 imported measurement.' }])
    const refinement = test.advisor.refinementOf(project)
    if (!refinement) throw new Error('no refinement')
    expect(createRefinedPredictor(predictor, refinement).id).toBe(predictor.id)
  })

  it('are refused when no row says anything', async () => {
    await expect(test.advisor.observations.import(test.caller, [{ ...row, gpu: 'H1000' }])).rejects.toMatchObject({
      code: 'invalid-input',
    })
    expect(await versions()).toEqual([])
  })
})
