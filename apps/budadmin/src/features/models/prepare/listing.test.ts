import { expect, test } from 'vitest'
import { summaryOf } from '../testing/sample-models.ts'
import { describeList, measuredText, parametersText, tagsInRow, versionTags } from './listing.ts'

const facets = {
  origin: [
    { value: 'registered', count: 2 },
    { value: 'catalogue', count: 1200 },
  ],
} as never

test('the list in one sentence', () => {
  expect(describeList({ total: 1202, facets }, {})).toBe('2 registered models; 1,200 in the catalogue to optimise for.')
  expect(describeList({ total: 1, facets }, { tag: 'chat' })).toBe('1 model matches.')
})

test('experts: what is there, and what works for one token', () => {
  expect(parametersText(summaryOf('m', { parameter_count: 671e9, active_parameter_count: 37e9 }))).toBe(
    '671B (37B active)',
  )
  expect(parametersText(summaryOf('m'))).toBe('8B')
})

test('a measurement names its GPUs', () => {
  expect(measuredText({ gpu: 'H100', gpu_count: 8, output_tok_s_per_gpu: 1840 })).toEqual({
    figure: '1,840',
    on: '8 × H100',
  })
  expect(measuredText(null)).toBeUndefined()
})

test('an only version is not spoken of', () => {
  expect(versionTags(summaryOf('m'))).toEqual([])
  expect(versionTags(summaryOf('m', { version: 3, version_count: 5, aliases: ['production'] }))).toEqual([
    'version 3 of 5',
    'production',
  ])
})

test('a row shows the first tags, but none that repeats its architecture', () => {
  expect(tagsInRow({ architecture: 'llama', tags: ['llama', 'chat', 'team:search', 'old'] })).toEqual([
    'chat',
    'team:search',
  ])
})
