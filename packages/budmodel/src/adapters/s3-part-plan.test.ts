import { expect, it } from 'vitest'
import { MIB, partBytes, partsInFlight } from './s3-part-plan.ts'

const MAX_PARTS = 10_000

it('cuts the largest object that S3 takes into parts that it takes', () => {
  let bytes = 0
  for (let number = 1; number <= MAX_PARTS; number++) {
    expect(partBytes(number)).toBeGreaterThanOrEqual(5 * MIB)
    expect(partBytes(number)).toBeLessThanOrEqual(5 * 1024 * MIB)
    bytes += partBytes(number)
  }
  expect(bytes).toBeGreaterThanOrEqual(5 * 1024 ** 2 * MIB)
})

it('holds at most 128 MiB for files of up to 200 GiB', () => {
  let bytes = 0
  for (let number = 1; bytes < 200 * 1024 * MIB; number++) {
    const held = partBytes(number) * (partsInFlight(partBytes(number)) + 1)
    expect(held).toBeLessThanOrEqual(128 * MIB)
    bytes += partBytes(number)
  }
})
