import type { Optimization } from '@bud/contract'
import { type Candidate, Deployment } from '@bud/kernel'
import { expect, test } from 'vitest'
import { toSiblingView } from './sibling.ts'

const candidate = (cost: number | null) =>
  ({
    deployment: Deployment.parse({ runtime: 'vllm', resources: { gpu_type: 'H100', gpu_count: 1 } }),
    prediction: {
      cost_usd_per_hour: cost,
      e2e_ms_p99: { value: 2000, low: null, high: null },
      max_output_tokens_per_s: { value: 1000, low: null, high: null },
    },
  }) as Candidate
const sibling = { model: 'small-8B', parameter_count: 8e9, feasible: true, candidate: candidate(4) }
const result = { model: { name: 'large-70B' }, candidates: [candidate(16)], sibling } as unknown as Optimization

test('says what the smaller model would save, and compares it', () => {
  const view = toSiblingView(result)
  expect(view?.answer).toContain('small-8B has 8B parameters and would hold the same limits for 75 % less.')
  expect(view?.rows[1]).toEqual({ label: 'Cost', small: '$4.00 an hour', asked: '$16.00 an hour' })
})

test('claims no saving without both prices, and no comparison where nothing holds', () => {
  expect(toSiblingView({ ...result, candidates: [candidate(null)] })?.answer).not.toContain('less')
  expect(toSiblingView({ ...result, candidates: [] })?.rows[0]?.asked).toBeUndefined()
  const neither = { ...sibling, feasible: false, candidate: null }
  expect(toSiblingView({ ...result, sibling: neither })).toMatchObject({
    rows: [],
    answer: expect.stringContaining('either'),
  })
})

test('no smaller model, or a search from before it was looked for: nothing to show', () => {
  expect(toSiblingView({ ...result, sibling: null })).toBeUndefined()
  expect(toSiblingView({ ...result, sibling: undefined })).toBeUndefined()
})
