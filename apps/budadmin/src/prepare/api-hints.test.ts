import { expect, test } from 'vitest'
import { withoutApiHints } from './api-hints.ts'

test('a sentence that says where a list is becomes a link to the list', () => {
  expect(withoutApiHints('No endpoint "nope" in this project. GET /endpoints lists them.')).toEqual({
    text: 'No endpoint "nope" in this project.',
    place: { to: '/endpoints', label: 'All endpoints' },
  })
  expect(withoutApiHints('No model "m". GET /models lists what there is.').text).toBe('No model "m".')
})

test('inside a sentence the page takes the place of the call', () => {
  expect(withoutApiHints('Free GPUs (GET /clusters shows who has them), or use fewer.')).toEqual({
    text: 'Free GPUs (the page of clusters shows who has them), or use fewer.',
    place: { to: '/clusters', label: 'All clusters' },
  })
  expect(withoutApiHints('They restart; GET /endpoints/{id}/logs shows why.').text).toBe(
    'They restart; the Logs tab shows why.',
  )
  expect(withoutApiHints('GET /operations/op-1 shows how it went.').text).toBe('The operation shows how it went.')
})

test('everything else stays as it was said', () => {
  for (const text of ['GET /metrics lists them.', 'Two problems: a. b.', 'GET /metrics answered 500.'])
    expect(withoutApiHints(text)).toEqual({ text, place: undefined })
})
