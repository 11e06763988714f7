import { expect, test } from 'vitest'
import { rateOf, type TransferSample, transferText, withSample } from './transfer.ts'

test('the rate is that of the last seconds, not of the whole transfer', () => {
  let samples: TransferSample[] = []
  for (let second = 0; second <= 60; second += 1) {
    const bytes = second < 40 ? second * 1000 : 40_000 + (second - 40) * 50_000
    samples = withSample(samples, { atMs: second * 1000, bytes })
  }
  expect(samples.length).toBeLessThan(12)
  expect(rateOf(samples)).toBe(50_000)
})

test('nothing is said of a rate or a remainder that is not known', () => {
  expect(rateOf([{ atMs: 0, bytes: 0 }])).toBeUndefined()
  expect(transferText(0, 4e9, undefined)).toBe('0 B of 4 GB')
  expect(transferText(1e9, 4e9, 50e6)).toBe('1 GB of 4 GB · 50 MB/s · 1 min left')
})
