import { describe, expect, it } from 'vitest'
import { encodeCursor, orderFingerprint, parseCursor } from './list-cursor.ts'

const BY_SIZE = orderFingerprint('smallest', '')
const KINDS = ['number', 'string'] as const

describe('cursors', () => {
  it('come back as they went', () => {
    expect(parseCursor(encodeCursor(BY_SIZE, [7e9, 'a/ü']), BY_SIZE, KINDS)).toEqual([7e9, 'a/ü'])
  })

  it('are refused where the list is sorted otherwise', () => {
    const cursor = encodeCursor(BY_SIZE, [7e9, 'a'])
    expect(() => parseCursor(cursor, orderFingerprint('largest', ''), KINDS)).toThrow('sorted otherwise')
    expect(orderFingerprint('speed', 'H100')).not.toBe(orderFingerprint('speed', 'A100'))
  })

  it.each([
    ['nothing', ''],
    ['no base64 of JSON', '***'],
    ['another document', Buffer.from('{"registered":"model-x"}').toString('base64url')],
    ['values of other kinds', encodeCursor(BY_SIZE, ['7e9', 'a'])],
    ['too few values', encodeCursor(BY_SIZE, [7e9])],
    ['a zero byte', encodeCursor(BY_SIZE, [7e9, 'a\0'])],
    ['a number that is none', Buffer.from(`{"order":"${BY_SIZE}","after":[1e999,"a"]}`).toString('base64url')],
  ])('are refused when they hold %s', (_, cursor) => {
    expect(() => parseCursor(cursor, BY_SIZE, KINDS)).toThrow('not one that a list of models answered with')
  })
})
