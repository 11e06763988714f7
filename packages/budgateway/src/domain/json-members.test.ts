import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scanJsonObject } from './json-members.ts'

const scan = (text: string) => {
  const json = Buffer.from(text)
  return scanJsonObject(json)?.members.map(({ key, valueStart, valueEnd }) => [
    key,
    JSON.parse(json.toString('utf8', valueStart, valueEnd)),
  ])
}

describe('scanJsonObject', () => {
  it('finds the members that JSON.parse finds, for any object and any indentation', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
        fc.integer({ min: 0, max: 3 }),
        (object, indent) => {
          const text = JSON.stringify(object, null, indent)
          expect(Object.fromEntries(scan(text) ?? [['failed', true]])).toEqual(JSON.parse(text))
        },
      ),
      { seed: 7, numRuns: 500 },
    )
  })

  it('is not misled by quotes, backslashes and braces inside long strings', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '}', '{', 'x', '\n'), maxLength: 200 }), (text) => {
        const object = { before: text, model: 'm', after: [text, { [text]: text }] }
        expect(scan(JSON.stringify(object))).toEqual(Object.entries(object))
      }),
      { seed: 7, numRuns: 1000 },
    )
  })

  it('decodes keys that are written with escapes, and keeps repeated ones', () => {
    expect(scan('{"mod\\u0065l": 1, "model": 2}')).toEqual([
      ['model', 1],
      ['model', 2],
    ])
  })

  it.each([
    '',
    ' ',
    '[]',
    '"a"',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,}',
    '{"a" 1}',
    '{a:1}',
    '{"a":"b}',
    '{"a":[1}',
    '{} x',
    '{"a":1 "b":2}',
    '{"\\u00":1}',
  ])('refuses %s', (text) => {
    expect(scanJsonObject(Buffer.from(text))).toBeUndefined()
  })
})
