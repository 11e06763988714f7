import { BudError, conflict, unavailable } from '@bud/kernel'
import { expect, test } from 'vitest'
import { reviveError } from './flow-error.ts'

/** What storing an error as plain data leaves of it. */
const stored = (error: BudError): Error =>
  Object.assign(new Error(error.message, { cause: error.cause }), { ...error, name: error.name })

test('gives a stored error its class, code, reasons and cause back', () => {
  const original = new BudError('conflict', 'Taken.', {
    retryable: true,
    reasons: [{ code: 'who', message: 'By Ada.', next_step: 'Ask her.' }],
    cause: stored(unavailable('Below.')),
  })
  const revived = reviveError(stored(original))
  expect(revived).toBeInstanceOf(BudError)
  expect(revived).toMatchObject({ code: 'conflict', message: 'Taken.', retryable: true, reasons: original.reasons })
  expect((revived as BudError).cause).toBeInstanceOf(BudError)
})

test('leaves other errors, and errors that were never stored, as they are', () => {
  const others = [new TypeError('x'), conflict('y'), 'text', undefined]
  expect(others.map(reviveError)).toEqual(others)
})
