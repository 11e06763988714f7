import { expect, test } from 'vitest'
import { TransferRate } from './transfer-rate.ts'

test('is nothing before anything can be said', () => {
  const rate = new TransferRate()
  expect(rate.bytesPerSecond(1000)).toBe(0)
  rate.add(500, 1000)
  rate.add(500, 1300)
  expect([rate.bytesPerSecond(1900), rate.bytesPerSecond(2000)]).toEqual([0, 500])
})

test('is what went over in the last seconds, not since the start', () => {
  const rate = new TransferRate()
  for (let ms = 500; ms <= 60_000; ms += 500) rate.add(500, ms)
  expect(rate.bytesPerSecond(60_000)).toBeCloseTo(1000, -2)
  for (let ms = 60_500; ms <= 80_000; ms += 500) rate.add(5000, ms)
  expect(rate.bytesPerSecond(80_000)).toBeCloseTo(10_000, -3)
})

test('falls while nothing goes, and never below nothing when tries are taken back', () => {
  const rate = new TransferRate()
  rate.add(1, 0)
  rate.add(10_000, 1000)
  expect(rate.bytesPerSecond(10_000)).toBe(1000)
  rate.add(-20_000, 11_000)
  expect(rate.bytesPerSecond(11_000)).toBe(0)
})
