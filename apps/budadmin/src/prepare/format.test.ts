import { describe, expect, test } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMs,
  formatShare,
  formatTokens,
  formatUsd,
  NONE,
  plural,
} from './format.ts'

describe('what was not measured is a gap, never a zero', () => {
  test.each([formatBytes, formatCount, formatMs, formatShare, formatTokens, formatUsd])('%o', (format) => {
    expect(format(null)).toBe(NONE)
    expect(format(undefined)).toBe(NONE)
    expect(format(0)).not.toBe(NONE)
  })
})

test.each([
  [7_000_000_000, '7B'],
  [70_553_706_496, '70.6B'],
  [405_000_000_000, '405B'],
  [1_040_000_000_000, '1.04T'],
  [950_000_000, '950M'],
  [32_000, '32K'],
  [9_500, '9,500'],
])('counts %d as %s', (value, text) => expect(formatCount(value)).toBe(text))

test.each([
  [8192, '8K'],
  [131_072, '128K'],
  [1_048_576, '1M'],
  [10_000, '10,000'],
])('writes a context of %d tokens as %s', (value, text) => expect(formatTokens(value)).toBe(text))

test.each([
  [0.42, '0.42 ms'],
  [8.26, '8.26 ms'],
  [312.4, '312 ms'],
  [1240, '1.24 s'],
  [90_000, '1 min 30 s'],
])('writes %d ms as %s', (value, text) => expect(formatMs(value)).toBe(text))

test.each([
  [999, '999 B'],
  [80e9, '80 GB'],
  [16_060_522_240, '16.1 GB'],
  [999_600_000, '1 GB'],
])('writes %d bytes as %s', (value, text) => expect(formatBytes(value)).toBe(text))

test.each([
  [400, '400 ms'],
  [4_000, '4 s'],
  [192_000, '3 min 12 s'],
  [7_500_000, '2 h 5 min'],
  [86_400_000, '1 d'],
])('lasts %d ms: %s', (value, text) => expect(formatDuration(value)).toBe(text))

test('one and many', () => {
  expect(plural(1, 'replica')).toBe('1 replica')
  expect(plural(4, 'replica')).toBe('4 replicas')
  expect(plural(2, 'query', 'queries')).toBe('2 queries')
})
