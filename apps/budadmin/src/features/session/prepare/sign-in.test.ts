import { describe, expect, test } from 'vitest'
import { safeNext, toSignInProblem, toVerifyUrl } from './sign-in.ts'

describe('safeNext', () => {
  test.each([
    ['/ui/models?search=llama', '/models?search=llama'],
    ['/ui/', '/'],
    ['/ui//evil.example', '/'],
    ['/ui/\\evil.example', '/'],
    ['//evil.example', '/'],
    ['https://evil.example/ui/', '/'],
    ['/endpoints', '/'],
    ['/ui/sign-in?next=/ui/x', '/'],
    ['/ui/?error=EXPIRED_TOKEN', '/'],
    [undefined, '/'],
  ])('leads from %s to %s', (next, expected) => {
    expect(safeNext(next)).toBe(expected)
  })
})

test('an expired and a used link each say what happened and what to do', () => {
  expect(toSignInProblem({ error: 'EXPIRED_TOKEN' })).toMatch(/expired.*new one/)
  expect(toSignInProblem({ error: 'INVALID_TOKEN' })).toMatch(/used before.*new one/)
  expect(toSignInProblem({ error: 'something_else' })).toContain('something_else')
  expect(toSignInProblem({})).toBeUndefined()
})

test('an error that a redirect wrapped into the way back is still told', () => {
  expect(toSignInProblem({ next: '/ui/?error=INVALID_TOKEN' })).toMatch(/used before/)
})

test('the token and the way back survive the trip through the sign-in service', () => {
  const url = new URL(toVerifyUrl('a+b/c', '/ui/models?search=x'), 'http://localhost')
  expect(url.searchParams.get('token')).toBe('a+b/c')
  expect(url.searchParams.get('callbackURL')).toBe('/ui/models?search=x')
})
