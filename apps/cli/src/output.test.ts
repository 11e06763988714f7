import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ago, bytes, fields, ms, parameters, rate, reasons, table, trim, usd } from './output.ts'

describe('a table', () => {
  const plain = (...args: Parameters<typeof table>) => stripVTControlCharacters(table(...args)).split('\n')

  test('puts words to the left, numbers to the right, and a dash where nothing is known', () => {
    expect(
      plain(
        ['NAME', 'REPLICAS', 'NODE'],
        [
          ['chat', 2, 'node-1'],
          ['a-longer-name', 10, null],
        ],
      ),
    ).toEqual([
      'NAME           REPLICAS  NODE', //
      'chat                  2  node-1',
      'a-longer-name        10  –',
    ])
  })

  test('without rows says so instead of showing a head without a body', () => {
    expect(plain(['NAME'], [])).toEqual(['Nothing yet.'])
  })
})

test('fields stand under each other', () => {
  const text = stripVTControlCharacters(
    fields([
      ['id', 'ep-1'],
      ['gateway', null],
    ]),
  )
  expect(text).toBe('id       ep-1\ngateway  –')
})

describe('a figure', () => {
  test('has three digits that count, and no idle zeros', () => {
    expect([0.1234, 9.999, 12, 12.34, 99.96, 123.4, 100_000].map(trim)).toEqual([
      '0.12',
      '10',
      '12',
      '12.3',
      '100',
      '123',
      '100000',
    ])
  })

  test('has the unit that people read it in', () => {
    expect([0, 1, 999, 1000, 1.5e6, 80e9, 2e15].map(bytes)).toEqual([
      '0 B',
      '1 B',
      '999 B',
      '1 kB',
      '1.50 MB',
      '80 GB',
      '2000 TB',
    ])
    expect([1.5, 250, 9_999, 10_000].map(ms)).toEqual(['1.50 ms', '250 ms', '9999 ms', '10 s'])
    expect([671e9, 8.03e9, 124e6, 12_000, null].map(parameters)).toEqual(['671 B', '8.03 B', '124 M', '12 K', '–'])
    expect(rate(1234.5)).toBe('1235 tok/s')
  })

  test('of money is never made up', () => {
    expect([12.345, 0, null].map(usd)).toEqual(['$12.35', '$0.00', 'unknown (no price)'])
  })
})

test('a moment is told as how long ago it was', () => {
  const nowMs = Date.UTC(2026, 0, 2)
  const before = (seconds: number) => ago(new Date(nowMs - seconds * 1000).toISOString(), nowMs)
  expect([0, 59, 60, 3599, 3600, 86_399, 86_400, -5].map(before)).toEqual([
    '0 s ago',
    '59 s ago',
    '1 min ago',
    '59 min ago',
    '1 h ago',
    '23 h ago',
    '1 d ago',
    '0 s ago',
  ])
})

test('a reason shows where, what proves it, and what to do', () => {
  const list = [
    { message: 'It needs 90 GB of 80.', path: 'deployment.resources', evidence: '90 > 80', next_step: 'Use 2 GPUs.' },
    { message: 'No room.' },
  ]
  expect(reasons(list)).toBe(
    '  • deployment.resources: It needs 90 GB of 80.\n    evidence: 90 > 80\n    next: Use 2 GPUs.\n  • No room.',
  )
})
