import { expect, test } from 'vitest'
import { findingOf } from '../testing/sample-models.ts'
import { expiryBounds, newWaiver, parseWaiver } from './waiver.ts'

const now = Date.parse('2026-05-04T12:00:00.000Z')
const sha256 = 'a'.repeat(64)
const finding = findingOf({ rule: 'pickle-global', path: 'model.pt' })
const form = { ...newWaiver(finding, 'Org/Tiny', now), reason: 'read by two of us' }

test('a waiver names rule, model, file and content, and ends within a year', () => {
  expect(parseWaiver(form, { model: 'Org/Tiny', finding, sha256 }, now)).toEqual({
    ok: true,
    waiver: {
      name: 'org-tiny-pickle-global',
      rule: 'pickle-global',
      model: 'Org/Tiny',
      path: 'model.pt',
      sha256,
      reason: 'read by two of us',
      expires: '2026-08-02',
    },
  })
})

test('unpinned, any content of that file is let through', () => {
  const parsed = parseWaiver({ ...form, pinned: false }, { model: 'm', finding, sha256 }, now)
  expect(parsed.ok && parsed.waiver).not.toHaveProperty('sha256')
})

test('every problem is said at once', () => {
  const parsed = parseWaiver(
    { name: 'Bad Name', reason: '', expires: '', pinned: true },
    { model: 'm', finding, sha256 },
    now,
  )
  expect(parsed).toMatchObject({
    ok: false,
    problems: { name: expect.any(String), reason: expect.any(String), expires: expect.any(String) },
  })
})

test('a day in the past, or beyond a year, is refused', () => {
  const { min, max } = expiryBounds(now)
  expect([min, max]).toEqual(['2026-05-04', '2027-05-04'])
  for (const expires of ['2026-05-03', '2027-05-05'])
    expect(parseWaiver({ ...form, expires }, { model: 'm', finding, sha256 }, now)).toMatchObject({ ok: false })
})
