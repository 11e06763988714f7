import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { headlineOf, isUnauthenticated, toProblem } from './problem.ts'

const reason = { code: 'gpu-count', message: 'gpu_count must be 4', path: 'resources.gpu_count' }

test('shows the server’s sentence and every reason', () => {
  const error = new ORPCError('UNPROCESSABLE_CONTENT', {
    status: 422,
    message: 'Two problems',
    data: { reasons: [reason] },
  })
  expect(toProblem(error)).toEqual({ status: 422, message: 'Two problems', reasons: [reason] })
})

test('no sentence stands in the headline and in a reason', () => {
  const problem = (message: string) => ({ status: 409, message, reasons: [reason] })
  expect(headlineOf(problem('Chat cannot have 9 replicas. gpu_count must be 4'))).toBe('Chat cannot have 9 replicas.')
  expect(headlineOf(problem('gpu_count must be 4'))).toBe('')
  expect(headlineOf(problem('Two problems'))).toBe('Two problems')
})

test('reads an answer that is no API error, such as a proxy’s', () => {
  const error = new ORPCError('BAD_GATEWAY', { status: 502, data: { body: { message: 'upstream is down' } } })
  expect(toProblem(error).message).toBe('upstream is down')
})

test('says that the server does not answer when nothing came back', () => {
  expect(toProblem(new TypeError('Failed to fetch'))).toMatchObject({ status: 0, reasons: [] })
  expect(toProblem(new TypeError('Failed to fetch')).message).toMatch(/does not answer/)
})

test('knows when to lead to the sign-in page', () => {
  expect(isUnauthenticated(new ORPCError('UNAUTHORIZED', { status: 401 }))).toBe(true)
  expect(isUnauthenticated(new ORPCError('FORBIDDEN', { status: 403 }))).toBe(false)
  expect(isUnauthenticated('nothing known')).toBe(false)
})
