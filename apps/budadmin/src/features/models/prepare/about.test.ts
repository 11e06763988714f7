import { expect, test } from 'vitest'
import { parseAbout } from './about.ts'

test('tags are lower case, each once; an emptied description is none', () => {
  expect(parseAbout({ description: '  ', tags: ['Chat', 'chat', 'team:search'] })).toEqual({
    ok: true,
    change: { description: null, tags: ['chat', 'team:search'] },
  })
})

test('a tag that the registry refuses is named', () => {
  expect(parseAbout({ description: 'x', tags: ['ok', 'not this'] })).toMatchObject({
    ok: false,
    problems: { tags: expect.stringContaining('"not this"') },
  })
})
