import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { missingParts, planParts } from './upload-parts.ts'

const MIB = 1024 * 1024

describe('parts of an upload', () => {
  it('cover every byte once, in at most as many parts as stores take', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 * 1024 ** 4 }), (bytes) => {
        const { part_bytes, count } = planParts(bytes)
        expect(count).toBeLessThanOrEqual(10_000)
        expect(part_bytes).toBeGreaterThanOrEqual(5 * MIB)
        const parts = missingParts(bytes, part_bytes, [], 10_000)
        expect(parts).toHaveLength(count)
        let next = 0
        for (const { offset, bytes: size } of parts) {
          expect(offset).toBe(next)
          next += size
        }
        expect(next).toBe(bytes)
      }),
      { numRuns: 50 },
    )
  })

  it('are asked for again when they arrived with another size', () => {
    const arrived = [
      { number: 1, bytes: 16 * MIB },
      { number: 2, bytes: 5 },
    ]
    expect(missingParts(40 * MIB, 16 * MIB, arrived, 64).map(({ number }) => number)).toEqual([2, 3])
  })
})
