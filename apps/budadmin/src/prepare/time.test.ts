import { expect, test } from 'vitest'
import { formatAgo, formatElapsed, formatFor } from './time.ts'

const now = Date.parse('2026-05-04T12:00:00.000Z')
const before = (ms: number) => new Date(now - ms).toISOString()

test.each([
  [1_000, 'just now'],
  [240_000, '4 min ago'],
  [3 * 86_400_000, '3 d ago'],
])('%d ms back is "%s"', (ms, text) => expect(formatAgo(before(ms), now)).toBe(text))

test('a clock that runs behind the server never shows a negative time', () => {
  expect(formatAgo(before(-60_000), now)).toBe('just now')
  expect(formatFor(before(-60_000), now)).toBe('for 1 s')
})

test('a step that runs counts on, one that ended stands still, one that has not begun shows nothing', () => {
  expect(formatElapsed(before(5_000), null, now)).toBe('5 s')
  expect(formatElapsed(before(5_000), before(3_000), now)).toBe('2 s')
  expect(formatElapsed(null, null, now)).toBeNull()
})
