import type { ModelSummary } from '@bud/contract'
import { expect, test } from 'vitest'
import { architecturesOf, sortModels, toModelsInput } from './filters.ts'
import { modelsSearch } from './search.ts'

const model = (name: string, more: Partial<ModelSummary> = {}): ModelSummary => ({
  id: `model-${name}`,
  name,
  origin: 'catalogue',
  architecture: 'llama',
  parameter_count: 8e9,
  active_parameter_count: 8e9,
  context_length: 8192,
  version_id: `mver-${name}`,
  state: { name: 'available', since: '2026-05-04T12:00:00.000Z', reasons: [] },
  has_files: false,
  created_at: null,
  ...more,
})

test('a filter that makes no sense in the URL is left out, the others hold', () => {
  expect(modelsSearch({ size: 'gigantic', origin: 'catalogue', search: 405, register: 'true' })).toEqual({
    search: '405',
    architecture: undefined,
    size: undefined,
    origin: 'catalogue',
    sort: undefined,
    register: true,
  })
})

test('a size becomes the bounds the API takes', () => {
  expect(toModelsInput({ size: 'small' })).toMatchObject({ parameters_min: 4e9, parameters_max: 10e9 })
  expect(toModelsInput({ size: 'huge' })).not.toHaveProperty('parameters_max')
})

test('registered models come first, the newest on top', () => {
  const old = model('b', { origin: 'registered', created_at: '2026-05-01T00:00:00.000Z' })
  const young = model('c', { origin: 'registered', created_at: '2026-05-02T00:00:00.000Z' })
  expect(sortModels([model('a'), old, young], undefined).map((one) => one.name)).toEqual(['c', 'b', 'a'])
})

test('sorting by size leaves equals in order of name', () => {
  const sorted = sortModels([model('z'), model('a'), model('m', { parameter_count: 1e9 })], 'size')
  expect(sorted.map((one) => one.name)).toEqual(['m', 'a', 'z'])
})

test('each architecture is offered once', () => {
  expect(architecturesOf([model('a'), model('b'), model('c', { architecture: 'gemma' })])).toEqual(['gemma', 'llama'])
})
