import { describe, expect, test } from 'vitest'
import { assertNever, BudError, conflict, failed, invalidInput, messageOf, notFound, unavailable } from './errors.ts'

describe('an error', () => {
  test('names the thing, its id and the next step when something is not there', () => {
    const error = notFound('model', 'llama', 'bud model list shows them.')
    expect(error).toBeInstanceOf(BudError)
    expect(error.code).toBe('not-found')
    expect(error.message).toBe('No model "llama" in this project. bud model list shows them.')
    expect(notFound('model', 'llama').message).toBe('No model "llama" in this project.')
  })

  test('is worth trying again only where trying again can help', () => {
    const retryable = [
      unavailable('down'),
      new BudError('unavailable', 'down'),
      new BudError('internal', 'x', { retryable: true }),
    ]
    const terminal = [failed('no'), conflict('taken'), invalidInput('wrong'), notFound('model', 'x')]
    expect(retryable.map((error) => error.retryable)).toEqual([true, true, true])
    expect(terminal.map((error) => error.retryable)).toEqual([false, false, false, false])
  })

  test('carries every problem found, and what caused it', () => {
    const reasons = [
      { code: 'a', message: 'one' },
      { code: 'b', message: 'two', path: 'deployment.replicas' },
    ]
    const cause = new Error('disk')
    expect(invalidInput('wrong', reasons).reasons).toEqual(reasons)
    expect(conflict('taken', reasons).reasons).toEqual(reasons)
    const error = failed('could not', reasons, cause)
    expect(error.reasons).toEqual(reasons)
    expect(error.cause).toBe(cause)
  })

  test('without a cause has none, so that logs show no empty one', () => {
    expect('cause' in failed('could not')).toBe(false)
  })
})

test('a state that cannot be is told with its value', () => {
  expect(() => assertNever({ state: 'odd' } as never)).toThrow('Impossible value: {"state":"odd"}')
})

test('anything that was thrown has a text', () => {
  expect(messageOf(new Error('disk'))).toBe('disk')
  expect(messageOf('plain')).toBe('plain')
  expect(messageOf(undefined)).toBe('undefined')
})
