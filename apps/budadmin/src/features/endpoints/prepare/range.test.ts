import { expect, test } from 'vitest'
import { defaultRange } from './range.ts'

test('a young endpoint is looked at closely, an older one over half an hour', () => {
  const created = '2026-05-04T12:00:00.000Z'
  expect(defaultRange(created, Date.parse('2026-05-04T12:05:00.000Z'))).toBe(5)
  expect(defaultRange(created, Date.parse('2026-05-04T13:00:00.000Z'))).toBe(30)
})
