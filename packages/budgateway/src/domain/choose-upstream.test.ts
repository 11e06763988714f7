import { describe, expect, it } from 'vitest'
import { type Candidate, chooseUpstream, type WeightedBackend } from './choose-upstream.ts'
import { createLoad, noteAttempt, noteFailure, noteSuccess, type UpstreamLoad } from './upstream-load.ts'

const candidate = (id: string, load: Partial<UpstreamLoad> = {}): Candidate => ({
  id,
  load: { ...createLoad(), ...load },
})
const backend = (weight: number, ...upstreams: Candidate[]): WeightedBackend<Candidate> => ({ weight, upstreams })

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function tally(backends: WeightedBackend<Candidate>[], draws: number, tried: string[] = []): Record<string, number> {
  const random = seeded(42)
  const counts: Record<string, number> = {}
  for (let i = 0; i < draws; i++) {
    const id = chooseUpstream(backends, { tried, nowMs: 0, random })?.id ?? 'none'
    counts[id] = (counts[id] ?? 0) + 1
  }
  return counts
}

describe('chooseUpstream', () => {
  it.each([
    [1, 99],
    [10, 90],
    [50, 50],
    [0.5, 1.5],
  ])('splits by weight %d:%d within four standard deviations', (a, b) => {
    const draws = 20_000
    const share = a / (a + b)
    const { x = 0 } = tally([backend(a, candidate('x')), backend(b, candidate('y'))], draws)
    expect(Math.abs(x - draws * share)).toBeLessThan(4 * Math.sqrt(draws * share * (1 - share)))
  })

  it('gives a backend of weight zero nothing, even when it is alone', () => {
    expect(tally([backend(0, candidate('x')), backend(1, candidate('y'))], 100)).toEqual({ y: 100 })
    expect(tally([backend(0, candidate('x'))], 1)).toEqual({ none: 1 })
  })

  it('takes the replica with the fewest requests in flight', () => {
    const busy = [candidate('a', { inFlight: 3 }), candidate('b', { inFlight: 1 }), candidate('c', { inFlight: 2 })]
    expect(tally([backend(1, ...busy)], 100)).toEqual({ b: 100 })
  })

  it('shares evenly among equals', () => {
    const counts = tally([backend(1, candidate('a'), candidate('b'), candidate('c'))], 9_000)
    for (const id of ['a', 'b', 'c']) expect(Math.abs((counts[id] ?? 0) - 3_000)).toBeLessThan(4 * Math.sqrt(2_000))
  })

  it('prefers the less busy of two among many', () => {
    const many = Array.from({ length: 100 }, (_, i) => candidate(`u${i}`, { inFlight: i < 50 ? 0 : 5 }))
    const counts = tally([backend(1, ...many)], 4_000)
    const idle = Object.entries(counts).reduce((sum, [id, n]) => sum + (Number(id.slice(1)) < 50 ? n : 0), 0)
    expect(idle / 4_000).toBeGreaterThan(0.72)
  })

  it('passes over a replica that does not answer, and over a backend without one that does', () => {
    const down = { ejectedUntilMs: 1 }
    expect(tally([backend(1, candidate('a', down), candidate('b'))], 50)).toEqual({ b: 50 })
    expect(tally([backend(9, candidate('a', down)), backend(1, candidate('b'))], 50)).toEqual({ b: 50 })
  })

  it('finds the one that answers among many that do not', () => {
    const many = Array.from({ length: 40 }, (_, i) => candidate(`u${i}`, { ejectedUntilMs: i === 7 ? 0 : 1 }))
    expect(tally([backend(1, ...many)], 50)).toEqual({ u7: 50 })
  })

  it('guesses rather than refuses when none answers: the one whose time out ends first', () => {
    const all = backend(1, candidate('a', { ejectedUntilMs: 20 }), candidate('b', { ejectedUntilMs: 10 }))
    expect(tally([all], 10)).toEqual({ b: 10 })
    expect(tally([all], 10, ['b'])).toEqual({ a: 10 })
  })

  it('has nothing left when all were tried', () => {
    expect(tally([backend(1, candidate('a'), candidate('b'))], 1, ['a', 'b'])).toEqual({ none: 1 })
    expect(tally([], 1)).toEqual({ none: 1 })
  })
})

describe('ejection', () => {
  it('doubles with each failure in a row up to ten seconds, and ends with a success', () => {
    const load = createLoad()
    const waits: number[] = []
    for (let i = 0, nowMs = 0; i < 7; i++) {
      noteFailure(load, nowMs, nowMs)
      waits.push(load.ejectedUntilMs - nowMs)
      nowMs = load.ejectedUntilMs
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
    noteSuccess(load)
    expect(load).toMatchObject({ failures: 0, ejectedUntilMs: 0 })
  })

  it('counts many requests that fail together as one failure', () => {
    const load = createLoad()
    for (let i = 0; i < 50; i++) noteFailure(load, 0, 10 + i)
    expect(load.failures).toBe(1)
  })

  it('lets one request at a time probe afterwards', () => {
    const load = createLoad()
    noteFailure(load, 0, 0)
    expect(
      chooseUpstream([backend(1, { id: 'a', load }, candidate('b', { inFlight: 9 }))], {
        tried: [],
        nowMs: 500,
        random: () => 0,
      })?.id,
    ).toBe('a')
    noteAttempt(load, 500)
    expect(tally([backend(1, { id: 'a', load }, candidate('b', { inFlight: 9 }))], 5)).toEqual({ b: 5 })
  })
})
