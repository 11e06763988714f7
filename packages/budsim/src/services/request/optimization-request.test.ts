import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createGpuCatalogue } from '../../domain/gpu-catalogue.ts'
import { createModelCatalogue } from '../../domain/model-catalogue.ts'
import { gpus, LLAMA_8B, models } from '../../testing/fixtures.ts'
import { resolveRequest } from './optimization-request.ts'

const catalogues = { gpus: createGpuCatalogue(gpus), models: createModelCatalogue(models) }
const resolve = (value: unknown) => resolveRequest(value, catalogues)
const MODEL = 'meta-llama/Llama-3.1-8B-Instruct'

function reasonsFor(value: unknown): Array<{ path: string; message: string }> {
  try {
    resolve(value)
  } catch (error) {
    return (error as { reasons: Array<{ path: string; message: string }> }).reasons
  }
  throw new Error('it was not refused')
}
const pathsFor = (value: unknown): string[] => reasonsFor(value).map(({ path }) => path)

test('counted GPUs sit in nodes of eight, nodes as they are stated; types may be aliases', () => {
  const { query, notes } = resolve({ model: MODEL, gpus: { 'H100-SXM-80GB': 12, a100: 2 } })
  expect(query.nodes).toEqual([
    { name: 'h100-sxm-80gb-1', gpu_type: 'H100-SXM-80GB', free: 8 },
    { name: 'h100-sxm-80gb-2', gpu_type: 'H100-SXM-80GB', free: 4 },
    { name: 'a100-sxm-80gb-1', gpu_type: 'A100-SXM-80GB', free: 2 },
  ])
  expect(notes).toEqual(['a100 is read as A100-SXM-80GB (it may also be A100-SXM-40GB).'])
  const nodes = [
    { name: 'big', gpu_type: 'H200-SXM-141GB', gpus: 8, count: 2 },
    { gpu_type: 'L4-24GB', gpus: 1 },
  ]
  expect(resolve({ model: MODEL, nodes }).query.nodes.map(({ name, free }) => `${name} ${free}`)).toEqual([
    'big-1 8',
    'big-2 8',
    'node-2 1',
  ])
})

test('a model is a name, or any config.json', () => {
  const { model, query } = resolve({ model: MODEL, gpus: { 'L4-24GB': 1 }, workload: { preset: 'chat' } })
  expect(model).toMatchObject({ name: MODEL, facts: LLAMA_8B })
  expect(query).toMatchObject({
    facts: LLAMA_8B,
    objective: 'cost',
    workload: { input_tokens: 1024 },
    sibling: undefined,
  })
  const config = JSON.parse(readFileSync(new URL('../../testing/tiny-config.json', import.meta.url), 'utf8'))
  expect(resolve({ model: { config }, gpus: { 'L4-24GB': 1 } }).query.facts.layers).toBe(2)
})

describe('a request that cannot be meant', () => {
  test('is refused with every problem and its path', () => {
    expect(
      pathsFor({
        model: 7,
        gpus: { 'H100-SXM-80GB': 0 },
        nodes: [{ gpu_type: 3, gpus: 'eight', colour: 'red' }],
        workload: { input_tokens: -1, concurrency: 0, presett: 'chat' },
        targets: { ttft_ms: 0, ttft: 1 },
        objective: 'beauty',
        runtimes: ['tgi'],
        confidence: 2,
        surprise: true,
      }),
    ).toEqual([
      'model',
      'nodes.0.gpu_type',
      'nodes.0.gpus',
      'nodes.0.colour',
      'gpus.H100-SXM-80GB',
      'workload.input_tokens',
      'workload.concurrency',
      'workload.presett',
      'targets.ttft_ms',
      'targets.ttft',
      'objective',
      'runtimes.0',
      'confidence',
      'surprise',
    ])
  })

  test('names unknown models and GPUs with the nearest, and lengths that contradict', () => {
    const problems = reasonsFor({
      model: 'meta-llama/Llama-3.1-9B',
      gpus: { 'H100-SXM-80GB': 8, 'H10-SXM': 8 },
      workload: { input_tokens: { mean: 10, p95: 5 } },
    })
    expect(problems.map(({ path }) => path)).toEqual(['model', 'gpus.H10-SXM', 'workload.input_tokens'])
    expect(problems[0]?.message).toMatch(/Did you mean meta-llama\/Llama-3\.1-8B/)
    expect(problems[1]?.message).toMatch(/Did you mean H100-SXM-80GB/)
  })

  test.each([[null], [[]], ['text'], [{}], [{ model: MODEL }]])('%j', (value) => {
    expect(pathsFor(value).length).toBeGreaterThan(0)
  })

  test('says which field of a config.json is wrong', () => {
    expect(pathsFor({ model: { config: { model_type: 'llama' } }, gpus: { 'L4-24GB': 1 } })).toContain(
      'model.config.hidden_size',
    )
  })
})
