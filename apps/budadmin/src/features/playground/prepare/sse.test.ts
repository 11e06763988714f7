import { expect, test } from 'vitest'
import { parseChunk, splitEvents } from './sse.ts'

test('an event cut in two waits for its other half', () => {
  const first = splitEvents('data: {"a":1}\n\ndata: {"b"')
  expect(first).toEqual({ data: ['{"a":1}'], rest: 'data: {"b"' })
  expect(splitEvents(`${first.rest}:2}\r\n\r\n`).data).toEqual(['{"b":2}'])
})

test('comments and other fields of the stream are left out', () => {
  expect(splitEvents(': keep-alive\n\nevent: x\ndata: 1\n\n').data).toEqual(['1'])
})

test('a chunk brings text, the last one the count of tokens', () => {
  expect(parseChunk('{"choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}')).toEqual({
    text: 'Hi',
    completionTokens: undefined,
    finishReason: undefined,
  })
  expect(parseChunk('{"choices":[],"usage":{"completion_tokens":12}}')?.completionTokens).toBe(12)
  expect(parseChunk('[DONE]')).toBeUndefined()
})

test('an error inside the stream is an error, not an empty answer', () => {
  expect(() => parseChunk('{"error":{"message":"out of memory"}}')).toThrow('out of memory')
})
