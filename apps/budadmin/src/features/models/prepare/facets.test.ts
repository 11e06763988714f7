import type { ModelPage } from '@bud/contract'
import { expect, test } from 'vitest'
import { shortened, toFacetGroups, toggled } from './facets.ts'

const none: NonNullable<ModelPage['facets']> = {
  origin: [],
  architecture: [],
  size: [],
  licence: [],
  licence_class: [],
  modality: [],
  kind: [],
  state: [],
  tag: [],
  benchmark: [],
  measured_gpu: [],
}

test('sizes stand in their own order, architectures by how many there are', () => {
  const groups = toFacetGroups(
    {
      ...none,
      size: [
        { value: '70b', count: 9 },
        { value: '7b', count: 2 },
      ],
      architecture: [
        { value: 'gemma', count: 1 },
        { value: 'llama', count: 5 },
      ],
    },
    {},
    10,
  )
  expect(groups.map(({ title, options }) => [title, options.map(({ value }) => value)])).toEqual([
    ['Size', ['7b', '70b']],
    ['Architecture', ['llama', 'gemma']],
  ])
})

test('a choice that leaves nothing stays, so that it can be taken back', () => {
  const [tags] = toFacetGroups({ ...none, tag: [{ value: 'chat', count: 0 }] }, { tag: 'team:search' }, 0)
  expect(tags?.options).toEqual([{ value: 'team:search', label: 'team:search', count: 0, checked: true }])
})

test('ticking adds to the others, or takes their place where only one may hold', () => {
  expect(toggled({ size: '7b' }, { name: 'size', single: false }, '70b')).toEqual({ size: '7b,70b' })
  expect(toggled({ size: '7b,70b' }, { name: 'size', single: false }, '7b')).toEqual({ size: '70b' })
  expect(toggled({ origin: 'catalogue' }, { name: 'origin', single: true }, 'registered')).toEqual({
    origin: 'registered',
  })
  expect(toggled({ benchmark: 'mmlu', score_min: 3 }, { name: 'benchmark', single: true }, 'mmlu')).toEqual({
    benchmark: undefined,
    score_min: undefined,
  })
})

test('a long list is cut, never what is ticked in it', () => {
  const options = ['a', 'b', 'c', 'd'].map((value) => ({ value, label: value, count: 1, checked: value === 'd' }))
  expect(shortened(options, 2).map(({ value }) => value)).toEqual(['a', 'b', 'd'])
})

test('a group that would leave all models is not offered', () => {
  const modality = [{ value: 'text', count: 75 }]
  expect(toFacetGroups({ ...none, modality }, {}, 75)).toEqual([])
  expect(toFacetGroups({ ...none, modality }, {}, 80)).toHaveLength(1)
  expect(toFacetGroups({ ...none, modality }, { modality: 'text' }, 75)).toHaveLength(1)
})
