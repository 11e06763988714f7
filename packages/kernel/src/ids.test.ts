import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createId, type IdKind, idFromBytes, isId } from './ids.ts'

const kinds: IdKind[] = [
  'model',
  'mver',
  'cluster',
  'opt',
  'appr',
  'ep',
  'op',
  'route',
  'key',
  'alert',
  'upload',
  'run',
]
const kind = fc.constantFrom(...kinds)
/** Whatever a clock may say until the year 10889. */
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('an id', () => {
  test('is its kind, a hyphen and 26 characters that cannot be mistaken for each other', () => {
    fc.assert(
      fc.property(kind, time, (of, nowMs) => {
        const id = createId(of, nowMs)
        expect(id).toMatch(new RegExp(`^${of}-[0-9a-hjkmnp-tv-z]{26}$`))
        expect(isId(of, id)).toBe(true)
      }),
    )
  })

  test('is a DNS label, so that releases and hosts can bear it', () => {
    fc.assert(
      fc.property(kind, time, (of, nowMs) => {
        const id = createId(of, nowMs)
        expect(id).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
        expect(id.length).toBeLessThanOrEqual(63)
      }),
    )
  })

  test('sorts by the time it was made, as text', () => {
    fc.assert(
      fc.property(kind, time, time, (of, a, b) => {
        fc.pre(a !== b)
        const [earlier, later] = a < b ? [a, b] : [b, a]
        expect(createId(of, earlier) < createId(of, later)).toBe(true)
      }),
    )
  })

  test('is another one each time, also within a millisecond', () => {
    const ids = Array.from({ length: 10_000 }, () => createId('run', 1))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('of one kind is none of another', () => {
    expect(isId('model', createId('mver'))).toBe(false)
    expect(isId('ep', 'ep-short')).toBe(false)
    expect(isId('ep', `ep-${'U'.repeat(26)}`)).toBe(false)
  })
})

describe('an id from bytes', () => {
  test('is the same for the same bytes, and another for others', () => {
    fc.assert(
      fc.property(kind, hash, hash, (of, a, b) => {
        const id = idFromBytes(of, a)
        expect(idFromBytes(of, Uint8Array.from(a))).toBe(id)
        expect(isId(of, id)).toBe(true)
        const differs = a.subarray(0, 26).some((byte, i) => byte % 32 !== (b[i] ?? 0) % 32)
        expect(idFromBytes(of, b) !== id).toBe(differs)
      }),
    )
  })

  test('needs a hash, and says so to shorter input', () => {
    expect(() => idFromBytes('model', new Uint8Array(25))).toThrow(RangeError)
  })
})
