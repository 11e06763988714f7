import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createServiceCurve, type ServicePoint } from './service-curve.ts'

/** Each load times so many milliseconds, out of order as learnt corrections may be. */
const noisy =
  (factors: readonly number[]) =>
  (load: number): ServicePoint => {
    const factor = factors[Math.ceil(Math.log2(load)) % factors.length] ?? 1
    return {
      ttftMs: 40 * factor + load,
      promptMs: 30,
      contentionMs: 2 * load * factor,
      tpotMs: 10 * factor + 0.1 * load,
    }
  }

const arbitrary = fc.record({
  factors: fc.array(fc.double({ min: 0.2, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 }),
  most: fc.double({ min: 1, max: 3000, noNaN: true }),
  outputTokens: fc.integer({ min: 1, max: 2000 }),
  promptsPerMs: fc.double({ min: 1e-4, max: 1, noNaN: true }),
})

describe('a service curve', () => {
  it('never falls with the load, never rises faster than it, and computes no prompt quicker than it can', () => {
    fc.assert(
      fc.property(arbitrary, fc.double({ min: 0.1, max: 1, noNaN: true }), ({ factors, ...rest }, share) => {
        const curve = createServiceCurve({ measure: noisy(factors), ...rest })
        const [less, more] = [rest.most * share * 0.9, rest.most * share]
        for (const of of [
          curve.openMs,
          curve.closedMs,
          (n: number) => curve.at(n).tpotMs,
          (n: number) => curve.at(n).ttftMs,
        ]) {
          expect(of(more)).toBeGreaterThanOrEqual(of(less) * (1 - 1e-12))
        }
        for (const of of [curve.openMs, curve.closedMs]) {
          expect(Math.max(more, 1) / of(more)).toBeGreaterThanOrEqual((Math.max(less, 1) / of(less)) * (1 - 1e-12))
        }
        expect(Math.max(more, 1) / curve.closedMs(more)).toBeLessThanOrEqual(rest.promptsPerMs * (1 + 1e-9))
        const { ttftMs, contentionMs, tpotMs } = curve.at(more)
        expect(curve.openMs(more)).toBeCloseTo(ttftMs + (rest.outputTokens - 1) * tpotMs, 6)
        expect(curve.closedMs(more)).toBeCloseTo(curve.openMs(more) + contentionMs, 6)
      }),
      { numRuns: 500, seed: 9 },
    )
  })

  it('finds the load at which as many finish as arrive', () => {
    fc.assert(
      fc.property(arbitrary, fc.double({ min: 1e-6, max: 0.999, noNaN: true }), ({ factors, ...rest }, share) => {
        const curve = createServiceCurve({ measure: noisy(factors), ...rest })
        const rate = (share * rest.most) / curve.openMs(rest.most)
        const inFlight = curve.inFlightAt(rate, rest.most)
        expect(Math.abs((rate * curve.openMs(inFlight)) / inFlight - 1)).toBeLessThan(1e-6)
        expect(curve.inFlightAt(1e9, rest.most)).toBe(rest.most)
      }),
      { numRuns: 500, seed: 10 },
    )
  })

  it('measures powers of two as far as it is asked, each once', () => {
    const asked: number[] = []
    const plain = noisy([1])
    const measure = (load: number) => {
      asked.push(load)
      return plain(load)
    }
    const curve = createServiceCurve({ measure, most: 100, outputTokens: 10, promptsPerMs: 1 })
    curve.at(5)
    expect(asked).toEqual([1, 2, 4, 8])
    curve.closedMs(100)
    curve.at(100)
    expect(asked).toEqual([1, 2, 4, 8, 16, 32, 64, 100])
  })
})
