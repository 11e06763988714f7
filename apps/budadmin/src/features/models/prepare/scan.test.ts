import { expect, test } from 'vitest'
import { groupFindings, toVerdict } from './scan.ts'

const finding = {
  path: 'model.bin',
  severity: 'block' as const,
  scanner: 'pickle',
  rule: 'pickle-global',
  message: 'imports os.system',
  offset: 12,
  evidence: 'GLOBAL os system',
}
const report = {
  verdict: 'blocked' as const,
  started_at: '2026-05-04T12:00:00.000Z',
  ended_at: '2026-05-04T12:00:01.000Z',
  scanners: [{ name: 'pickle', version: '1' }],
  files: [{ path: 'model.bin', format: 'pickle', bytes: 2000, bytes_covered: 1000 }],
  findings: [{ ...finding, severity: 'info' as const, rule: 'note' }, finding],
}

test('"not scanned" is never "clean"', () => {
  expect(toVerdict(null, true).word).toBe('Not scanned')
  expect(toVerdict(null, false).word).toBe('Nothing to scan')
})

test('a verdict says how much was read', () => {
  expect(toVerdict(report, true)).toEqual({ tone: 'bad', word: 'Blocked', detail: '1 kB of 2 kB read in 1 file' })
})

test('the gravest findings come first, with scanner, rule, place and evidence', () => {
  const groups = groupFindings(report)
  expect(groups.map((group) => group.tone)).toEqual(['bad', 'idle'])
  expect(groups[0]?.reasons[0]).toMatchObject({
    path: 'model.bin',
    evidence: 'pickle · pickle-global · byte 12 · GLOBAL os system',
  })
})
