/** Actual against predicted over HTTP: an own measurement is taken in, predicts, is taken back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestFoundry, type TestFoundry } from '../testing/create-test-foundry.ts'

let foundry: TestFoundry
beforeAll(async () => {
  foundry = await createTestFoundry()
})
afterAll(() => foundry.close())

const MODEL = 'meta-llama/Llama-2-13b-hf'
const GPU = 'L40S-48GB'
const rowOf = (concurrency: number, tpot: number) => ({
  engine: 'vllm',
  model: MODEL,
  gpu: GPU,
  num_gpus: 1,
  tp: 1,
  isl: 1024,
  osl: 256,
  concurrency_or_batch: concurrency,
  scenario: 'closed_loop_agg',
  tpot_ms_mean: tpot,
})
const predict = () =>
  foundry.client.optimizations.predict({
    model: MODEL,
    deployment: { runtime: 'vllm', resources: { gpu_type: GPU, gpu_count: 1 } },
    workload: { input_tokens: 1024, output_tokens: 256, concurrency: 8 },
  })

describe('measurements of one’s own', () => {
  test('refine predictions, and the version that came of them can be taken back and put in force again', async () => {
    const plain = await predict()
    expect(plain.evidence).toMatchObject({ observations: 0, refinement: null })
    const slower = plain.tpot_ms.value * 1.4
    const imported = await foundry.client.observations.import({
      rows: [4, 8, 16].map((concurrency) => rowOf(concurrency, slower)),
    })
    expect(imported).toEqual({ recorded: 3, skipped: [], refinement: 1 })
    const refined = await predict()
    expect(refined.evidence).toMatchObject({ observations: 3, refinement: 'refinement-1' })
    expect(refined.tpot_ms.value).toBeGreaterThan(plain.tpot_ms.value * 1.15)

    expect(await foundry.client.refinements.list()).toMatchObject([{ number: 1, active: true, observations: 3 }])
    await foundry.client.refinements.deactivate()
    expect((await predict()).tpot_ms.value).toBe(plain.tpot_ms.value)
    expect(await foundry.client.refinements.activate({ number: 1 })).toMatchObject({ number: 1, active: true })
    expect((await predict()).tpot_ms.value).toBe(refined.tpot_ms.value)
  })

  test('422 when no row says anything, 404 for a version that is not', async () => {
    const post = (path: string, body: unknown) =>
      foundry.fetch(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
    const refused = await post('/observations', { rows: [{ ...rowOf(8, 20), gpu: 'H1000' }] })
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ data: { reasons: [{ path: 'rows.0' }] } })
    expect((await post('/refinements/99/activate', {})).status).toBe(404)
    expect((await post('/refinements/first/activate', {})).status).toBe(422)
    expect((await foundry.fetch('/endpoints/none/observations')).status).toBe(404)
  })
})
