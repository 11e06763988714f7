import { expect, test } from 'vitest'
import { findingOf, reportOf } from '../testing/sample-models.ts'
import {
  canBeWaived,
  coveredPercent,
  fileCoverage,
  findingSource,
  findingsText,
  groupFindings,
  toVerdict,
  withoutPath,
} from './scan.ts'

test('what was not scanned is never called clean', () => {
  expect(toVerdict(null, true)).toMatchObject({ tone: 'idle', word: 'Not scanned' })
  expect(toVerdict(reportOf({ verdict: 'incomplete', bytes_covered: 10 }), true)).toMatchObject({
    tone: 'warn',
    word: 'Incomplete',
    detail: '10 B of 1 kB in 2 files looked at by every scanner',
  })
})

test('coverage is whole only with the last byte', () => {
  expect(coveredPercent({ bytes: 1e12, bytes_covered: 1e12 - 1 })).toBeLessThan(100)
  expect(coveredPercent({ bytes: 0, bytes_covered: 0 })).toBe(100)
})

test('findings stand by what the policy does with them, the gravest first', () => {
  const findings = [
    findingOf({ severity: 'info', action: 'info' }),
    findingOf({ severity: 'warn', action: 'block' }),
    findingOf({ action: 'waived', waiver: 'checked-by-ada' }),
  ]
  expect(groupFindings(findings).map(({ action, findings: some }) => [action, some.length])).toEqual([
    ['block', 1],
    ['waived', 1],
    ['info', 1],
  ])
  expect(findingsText(findings)).toBe('1 block, 1 waived')
  expect(findingsText([])).toBe('nothing found')
})

test('a finding says who found it, where, and what the policy made of it', () => {
  expect(findingSource(findingOf())).toBe('formats · pickle-global · byte 1,024')
  expect(findingSource(findingOf({ severity: 'warn', offset: null }))).toBe(
    'formats · pickle-global · warn as found, block by policy',
  )
  expect(findingSource(findingOf({ action: 'waived', waiver: 'w' }))).toContain('let through by w')
})

test('only what blocks or warns can be waived', () => {
  expect(canBeWaived({ action: 'warn' })).toBe(true)
  expect(canBeWaived({ action: 'waived' })).toBe(false)
})

test('a file says which scanner did not read all of it', () => {
  const file = { path: 'a', bytes: 1000, sha256: '', format: null, scanned: [] }
  const scanned = [
    { scanner: 'formats', bytes_covered: 1000 },
    { scanner: 'clamav', bytes_covered: 999 },
    { scanner: 'other', bytes_covered: 0 },
  ]
  expect(fileCoverage({ ...file, scanned }).map(({ text }) => text)).toEqual([
    'whole',
    '99.9 %, 999 B',
    'not looked at',
  ])
})

test('a path is not said twice', () => {
  expect(withoutPath(findingOf({ path: 'a.pt', message: 'a.pt names os.system.' }))).toBe('names os.system.')
  expect(withoutPath(findingOf({ path: 'a.pt', message: 'a.pt: not read.' }))).toBe('not read.')
  expect(withoutPath(findingOf({ path: 'a.pt', message: 'The zip is broken.' }))).toBe('The zip is broken.')
})
