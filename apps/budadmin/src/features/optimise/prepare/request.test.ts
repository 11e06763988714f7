import { CreateOptimization, type Optimization } from '@bud/contract'
import { Workload } from '@bud/kernel'
import { expect, test } from 'vitest'
import { problemsOf } from './problems.ts'
import { askAgainFor, initialForm, toOptimization, toShapeFields } from './request.ts'

test('a filled form is what the API takes', () => {
  const form = initialForm({ model: 'model-1', cluster: 'cluster-1' }, undefined)
  expect(problemsOf(form)).toEqual({})
  expect(CreateOptimization.safeParse(toOptimization(form, undefined)).success).toBe(true)
})

test('load is given either as requests in flight or as arrivals, never both', () => {
  const form = { ...initialForm({ model: 'm', cluster: 'c' }, undefined), load: 'rate' as const, ratePerS: 4 }
  expect(toOptimization(form, undefined).workload).toMatchObject({ request_rate_per_s: 4 })
  expect(toOptimization(form, undefined).workload).not.toHaveProperty('concurrency')
})

test('a usual load fills the fields, keeps its spread, and leaves how much is asked', () => {
  const workload = { input_tokens: 4096, output_tokens: 384, input_tokens_cv: 0.5, prefix_cache_share: 0.1 }
  const form = {
    ...initialForm({ model: 'm', cluster: 'c' }, undefined),
    ...toShapeFields(workload),
  }
  const sent = CreateOptimization.parse(toOptimization(form, undefined))
  expect(sent.workload).toEqual({ ...workload, concurrency: 16 })
})

test('limits left empty are not sent, and all engines need no naming', () => {
  const form = { ...initialForm({}, undefined), targets: { ttft_ms: 300, e2e_ms: undefined } as never }
  expect(toOptimization(form, undefined).targets).toEqual({ ttft_ms: 300 })
  expect(toOptimization(form, undefined)).not.toHaveProperty('runtimes')
})

test('what is missing is said for each field at once', () => {
  const form = { ...initialForm({}, undefined), concurrency: undefined, runtimes: [] }
  expect(Object.keys(problemsOf(form))).toEqual(['model', 'cluster', 'load', 'runtimes'])
})

test('what stands at its default is left to the API, what was changed is sent', () => {
  const form = initialForm({ model: 'm', cluster: 'c' }, undefined)
  const untouched = toOptimization(form, undefined)
  for (const key of ['confidence', 'allow_quantization', 'memory_headroom']) expect(untouched).not.toHaveProperty(key)
  expect(toOptimization({ ...form, confidence: 0.95, allowFp8: true, headroomPercent: 15 }, undefined)).toMatchObject({
    confidence: 0.95,
    allow_quantization: true,
    memory_headroom: 0.15,
  })
})

test('a search is asked again for another model as it was asked', () => {
  const workload = Workload.parse({
    input_tokens: 4096,
    input_tokens_cv: 0.5,
    arrival_cv: 2,
    request_rate_per_s: 3,
    structured_output: true,
  })
  const result = {
    model: { id: 'model-9' },
    cluster: { id: 'cluster-9' },
    workload,
    targets: { ttft_ms: 800 },
    objective: 'latency',
    confidence: 0.6,
  } as Optimization
  expect(askAgainFor('a-smaller-one', result)).toEqual({
    model: 'a-smaller-one',
    cluster: 'cluster-9',
    workload,
    targets: { ttft_ms: 800 },
    objective: 'latency',
    confidence: 0.6,
  })
})

test('a re-optimisation starts from what the endpoint was given', () => {
  const endpoint = {
    model: { id: 'model-9' },
    cluster: { id: 'cluster-9' },
    targets: { e2e_ms: 4000, budget_usd_per_month: 9000 },
    workload: { input_tokens: 512, output_tokens: 64, request_rate_per_s: 3, prefix_cache_share: 0.25 },
  }
  expect(initialForm({ endpoint: 'ep-1' }, endpoint)).toMatchObject({
    model: 'model-9',
    cluster: 'cluster-9',
    load: 'rate',
    ratePerS: 3,
    cachedPercent: 25,
    targets: { e2e_ms: 4000, budget_usd_per_month: 9000 },
  })
})
