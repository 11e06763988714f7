import { ListModels } from '@bud/contract'
import { expect, test } from 'vitest'
import { appliedFilters, hasFilters, toModelsInput, withoutFilters } from './filters.ts'
import type { ModelsSearch } from './search.ts'

const search: ModelsSearch = {
  search: 'coder',
  licence_class: 'permissive,conditional',
  measured_gpu: 'H100',
  output_tok_s_per_gpu_min: 1000,
  sort: 'speed',
  compare: 'a,b',
  register: true,
}

test('filters and order are asked of the server; what else the URL says is not', () => {
  const input = toModelsInput(search, undefined)
  expect(ListModels.parse(input)).toMatchObject({
    search: 'coder',
    licence_class: 'permissive,conditional',
    measured_gpu: 'H100',
    output_tok_s_per_gpu_min: 1000,
    sort: 'speed',
    facets: true,
  })
  expect(input).not.toHaveProperty('compare')
  expect(input).not.toHaveProperty('register')
})

test('facets are counted with the first page alone', () => {
  expect(toModelsInput(search, 'next')).toMatchObject({ cursor: 'next' })
  expect(toModelsInput(search, 'next')).not.toHaveProperty('facets')
})

test('each value that is on can be taken back by itself', () => {
  const applied = appliedFilters(search)
  expect(applied.map(({ label }) => label)).toEqual([
    'permissive licence',
    'conditional licence',
    'measured on H100',
    '≥ 1,000 tokens/s per GPU',
  ])
  expect(applied[0]?.without).toEqual({ licence_class: 'conditional' })
  expect(applied[3]?.without).toEqual({ output_tok_s_per_gpu_min: undefined })
})

test('a score goes with its benchmark', () => {
  const [benchmark] = appliedFilters({ benchmark: 'mmlu', score_min: 70 })
  expect(benchmark?.without).toEqual({ benchmark: undefined, score_min: undefined })
})

test('clearing leaves order and choice', () => {
  const cleared = withoutFilters(search)
  expect(hasFilters(cleared)).toBe(false)
  expect(cleared).toMatchObject({ sort: 'speed', compare: 'a,b' })
})
