import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanWaitMs, promptWaitMs, waitOf, waitQuantileMs } from './waiting.ts'

const queueOf = (utilisation: number, servers: number, variability = 1) => ({
  requestsPerMs: (utilisation * servers) / 100,
  capacityPerMs: servers / 100,
  servers,
  busy: utilisation * servers,
  variability,
})

/** Erlang’s C formula: the exact share that waits in M/M/c. */
function erlangC(servers: number, utilisation: number): number {
  const offered = servers * utilisation
  let blocked = 1
  for (let i = 1; i <= servers; i++) blocked = (offered * blocked) / (i + offered * blocked)
  return blocked / (1 - utilisation * (1 - blocked))
}

describe('waiting', () => {
  it.each([1, 4, 16, 64])('is that of M/M/c on %d servers, within Sakasegawa’s error', (servers) => {
    for (const utilisation of [0.5, 0.8, 0.95]) {
      const exact = (erlangC(servers, utilisation) * 100) / (servers * (1 - utilisation))
      const mean = meanWaitMs(waitOf(queueOf(utilisation, servers)))
      if (exact > 0.5) expect(Math.abs(mean / exact - 1)).toBeLessThan(0.3)
      else expect(mean).toBeLessThan(1)
    }
  })

  it('is Pollaczek and Khinchine’s on one server, which regular service halves', () => {
    expect(promptWaitMs(0.008, 100, 1)).toBeCloseTo((100 * 0.8) / 0.2, 6)
    expect(promptWaitMs(0.008, 100, 0.5)).toBeCloseTo((100 * 0.8) / 0.2 / 2, 6)
  })

  it('has percentiles of an exponential tail behind the share that waits at all', () => {
    const wait = waitOf(queueOf(0.8, 1))
    expect(waitQuantileMs(wait, 0.5)).toBeCloseTo(wait.delayedMs * Math.log(0.8 / 0.5), 6)
    expect(waitQuantileMs(wait, 0.99)).toBeCloseTo(wait.delayedMs * Math.log(80), 6)
    expect(waitQuantileMs(waitOf(queueOf(0.2, 1)), 0.5)).toBe(0)
  })

  it('grows with the rate without a jump, through capacity and beyond it', () => {
    const arbitrary = fc.record({
      servers: fc.integer({ min: 1, max: 1000 }),
      variability: fc.double({ min: 0, max: 50, noNaN: true }),
      utilisation: fc.double({ min: 0.01, max: 2, noNaN: true }),
    })
    const at = (
      utilisation: number,
      servers: number,
      variability: number,
      of: (w: ReturnType<typeof waitOf>) => number,
    ) => of(waitOf({ ...queueOf(utilisation, servers, variability), busy: Math.min(utilisation, 1) * servers }))
    fc.assert(
      fc.property(arbitrary, ({ servers, variability, utilisation }) => {
        for (const of of [meanWaitMs, (w: ReturnType<typeof waitOf>) => waitQuantileMs(w, 0.99)]) {
          const here = at(utilisation, servers, variability, of)
          expect(Number.isFinite(here) && here >= 0).toBe(true)
          expect(at(utilisation * 1.01, servers, variability, of)).toBeGreaterThanOrEqual(here - 1e-9)
        }
        const [below, above] = [1 - 1e-9, 1 + 1e-9].map((u) => at(u, servers, variability, meanWaitMs))
        expect(above).toBeCloseTo(below ?? 0, 1)
      }),
      { numRuns: 500, seed: 3 },
    )
  })
})
