import { failed, unavailable } from '@bud/kernel'
import { expect, test } from 'vitest'
import { isRetryable, STEP_RETRIES, waitMsBeforeRetry, withRetries } from './retry-policy.ts'

const withCode = (code: string) => Object.assign(new Error('from below'), { code })

test.each([
  ['an error that says so', unavailable('Busy.'), true],
  ['an error that says no', failed('Never.'), false],
  ['a refused connection', withCode('ECONNREFUSED'), true],
  ['a lost database connection', withCode('08006'), true],
  ['a database that shuts down', withCode('57P01'), true],
  ['a connection cut off', new Error('Connection terminated unexpectedly'), true],
  ['a deadlock', withCode('40P01'), true],
  ['a violated constraint', withCode('23505'), false],
  ['an error whose cause is retryable', new Error('Failed query', { cause: withCode('40001') }), true],
  ['an error nobody foresaw', new TypeError('undefined is not a function'), false],
  ['something that is no error', 'text', false],
])('%s: retryable is decided by type', (_, error, expected) => {
  expect(isRetryable(error)).toBe(expected)
})

test('waits twice as long each time, up to the longest wait', () => {
  expect([1, 2, 3, 4, 9].map((failures) => waitMsBeforeRetry(STEP_RETRIES, failures))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000,
  ])
})

test('gives up with the last error after all tries', async () => {
  const waits: number[] = []
  let tries = 0
  const attempt = withRetries(
    async () => {
      tries += 1
      throw unavailable(`Try ${tries}.`)
    },
    { attempts: 3, firstWaitMs: 10, longestWaitMs: 100 },
    async (ms) => {
      waits.push(ms)
    },
  )
  await expect(attempt).rejects.toThrow('Try 3.')
  expect(waits).toEqual([10, 20])
})
