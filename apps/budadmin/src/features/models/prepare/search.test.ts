import { expect, test } from 'vitest'
import { compareSearch, modelSearch, modelsSearch } from './search.ts'

const known = (search: object) => Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined))

test('what makes no sense in the URL is left out, the rest holds', () => {
  const search = modelsSearch({
    search: 405,
    origin: 'catalogue',
    kind: 'poem',
    size: '7b,70b,7b',
    context_min: '131072',
    ttft_ms_max: -5,
    score_min: -1.5,
    sort: 'random',
    register: 'true',
  })
  expect(known(search)).toEqual({
    search: '405',
    origin: 'catalogue',
    size: '7b,70b',
    context_min: 131_072,
    score_min: -1.5,
    register: true,
  })
})

test('no more than four are compared', () => {
  expect(compareSearch({ models: 'a,b,c,d,e' }).models).toBe('a,b,c,d')
  expect(modelsSearch({ compare: 'a,b,c,d,e' }).compare).toBe('a,b,c,d')
})

test('a version is a number from 1 on', () => {
  expect(modelSearch({ version: 3, tab: 'scan' })).toMatchObject({ version: 3, tab: 'scan' })
  expect(known(modelSearch({ version: 0, tab: 'secrets' }))).toEqual({})
})
