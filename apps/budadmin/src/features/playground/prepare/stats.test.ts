import { expect, test } from 'vitest'
import { describeTiming } from './stats.ts'

test('the rate counts the tokens after the first, over the time after the first', () => {
  const timing = { sentMs: 1000, firstTokenMs: 1084, lastTokenMs: 2084, completionTokens: 101 }
  expect(describeTiming(timing)).toBe('TTFT 84 ms · 100 tokens/s · 101 tokens')
})

test('without a count of tokens no rate is made up', () => {
  expect(describeTiming({ sentMs: 0, firstTokenMs: 50, lastTokenMs: 90, completionTokens: undefined })).toBe(
    'TTFT 50 ms',
  )
})

test('nothing is said before the first token', () => {
  const timing = { sentMs: 0, firstTokenMs: undefined, lastTokenMs: undefined, completionTokens: undefined }
  expect(describeTiming(timing)).toBeUndefined()
})
