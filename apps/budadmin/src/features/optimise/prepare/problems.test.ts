import { expect, test } from 'vitest'
import { toAnsweredProblems } from './problems.ts'

const answer = (reasons: unknown[]) => ({ status: 422, message: 'no', data: { body: { message: 'no', reasons } } })

test('a reason of the API stands at its field, with what to do about it in the words of the form', () => {
  const { fields, rest } = toAnsweredProblems(
    answer([
      {
        code: 'contradictory-limits',
        message: 'The whole answer cannot be limited to 100 ms when its first token alone may take 500 ms.',
        path: 'targets.e2e_ms',
        next_step: 'Raise e2e_ms, or lower ttft_ms below it.',
      },
      { code: 'out-of-range', message: 'workload.output_tokens: too many.', path: 'workload.output_tokens' },
    ]),
  )
  expect(fields).toEqual({
    e2e_ms:
      'The whole answer cannot be limited to 100 ms when its first token alone may take 500 ms. Raise end-to-end latency, or lower time to first token below it.',
    outputTokens: 'too many.',
  })
  expect(rest).toBeUndefined()
})

test('what no field is to blame for is said apart', () => {
  const { fields, rest } = toAnsweredProblems(
    answer([
      { code: 'x', message: 'Node a is broken.', path: 'nodes' },
      { code: 'x', message: 'too small', path: 'memory_headroom' },
    ]),
  )
  expect(fields).toEqual({ headroom: 'too small' })
  expect(rest?.reasons.map(({ message }) => message)).toEqual(['Node a is broken.'])
  expect(toAnsweredProblems(answer([])).rest?.message).toBe('no')
  expect(toAnsweredProblems(null)).toEqual({ fields: {}, rest: undefined })
})
