import { BudError } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { type ListModels, parseModelFilter } from './model-filter.ts'

const reasonsOf = (input: Partial<ListModels>) => {
  try {
    parseModelFilter({ limit: 50, ...input })
  } catch (error) {
    if (error instanceof BudError) return error.reasons
  }
  return []
}

describe('what a list is asked for', () => {
  it('takes one value or several, whatever their case and the blanks around them', () => {
    const filter = parseModelFilter({ limit: 50, size: ' 70B,7b ,,7b', licence: 'MIT', tag: 'Team:A' })
    expect(filter).toMatchObject({ size: ['7b', '70b'], licence: ['mit'], tags: ['Team:A'] })
  })

  it('takes a list of nothing for no filter', () => {
    expect(parseModelFilter({ limit: 50, architecture: ' , ', search: ' -- ' })).toMatchObject({
      architecture: undefined,
      search: undefined,
    })
  })

  it('names every value that it does not know, and those it does', () => {
    const reasons = reasonsOf({ size: '8b', state: 'clean,available', modality: 'smell', score_min: 3, tag: 'a\0' })
    expect(reasons.map(({ path }) => path)).toEqual(['tag', 'score_min', 'size', 'modality', 'state'])
    expect(reasons[2]).toMatchObject({
      message: 'size knows no "8b".',
      next_step: expect.stringContaining('1b, 7b, 13b, 34b, 70b, 200b, 405b'),
    })
    expect(reasons[4]?.message).toBe('state knows no "clean".')
  })
})
