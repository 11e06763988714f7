import { expect, test } from 'vitest'
import { describeWaivers, expiryOf, scopeOf, type Waiver } from './waivers.ts'

const waiver: Waiver = {
  name: 'checked',
  rule: 'pickle-global',
  model: 'tiny',
  path: 'model.pt',
  sha256: 'a'.repeat(64),
  reason: 'read',
  expires: '2026-05-20',
  expired: false,
}
const at = (iso: string) => Date.parse(iso)

test('the last day is a whole one', () => {
  expect(expiryOf(waiver, at('2026-05-20T23:00:00Z'))).toEqual({
    tone: 'warn',
    text: 'counts today for the last time',
  })
  expect(expiryOf(waiver, at('2026-05-04T12:00:00Z'))).toMatchObject({
    tone: 'good',
    text: 'until 2026-05-20, 16 days left',
  })
  expect(expiryOf({ ...waiver, expired: true }, at('2026-06-01T00:00:00Z')).text).toBe('expired on 2026-05-20')
})

test('says how much it lets through', () => {
  expect(scopeOf(waiver)).toBe('model.pt of tiny, while its content stays aaaaaaaaaaaa…')
  expect(scopeOf({ ...waiver, model: '*', path: null, sha256: null })).toBe('any model')
})

test('waivers in one line', () => {
  expect(describeWaivers([])).toContain('every rule counts')
  expect(describeWaivers([waiver, { ...waiver, expired: true }])).toBe('2 waivers, 1 expired.')
})
