import { describe, expect, it } from 'vitest'
import { createSeededRandom } from '../trees/seeded-random.ts'
import { normalQuantile } from './bound-at.ts'
import { fitBounds, type LeftOutResidual, leftOutBounds } from './fit-intervals.ts'

/** Errors come in families: each fold is off by something of its own, and its rows around that. */
function clustered(options: {
  folds: number
  rows: number
  seed: number
  group?: string
  between?: number
  skew?: number
}): LeftOutResidual[] {
  const { folds, rows, seed, group = 'closed-loop', between = 0.15, skew = 1 } = options
  const random = createSeededRandom(seed)
  const normal = () => normalQuantile(Math.min(Math.max(random(), 1e-9), 1 - 1e-9))
  return Array.from({ length: folds }, (_, fold) => ({ fold, shift: between * normal() })).flatMap(({ fold, shift }) =>
    Array.from({ length: rows }, () => {
      const error = () => {
        const value = shift + 0.1 * normal()
        return value > 0 ? skew * value : value
      }
      return { group, fold, log: { tpot: error(), ttft: error(), output: Number.NaN } }
    }),
  )
}

const coverage = (residuals: readonly LeftOutResidual[], target: 'tpot' | 'ttft' = 'tpot'): number => {
  const bounds = leftOutBounds(residuals)
  const inside = residuals.filter(({ log }, i) => {
    const own = bounds[i]?.[target]
    return own !== undefined && log[target] >= own.low && log[target] <= own.high
  })
  return inside.length / residuals.length
}

describe('bounds of residuals that come in families', () => {
  it.each([1, 2, 3, 4, 5, 6])('cover 80–84 %% of families that were left out themselves (seed %i)', (seed) => {
    const residuals = clustered({ folds: 11, rows: 120, seed })
    for (const target of ['tpot', 'ttft'] as const) {
      expect(coverage(residuals, target)).toBeGreaterThanOrEqual(0.8)
      expect(coverage(residuals, target)).toBeLessThanOrEqual(0.84)
    }
  })

  it('cover about four fifths of new families as well', () => {
    const covered = Array.from({ length: 12 }, (_, i) => {
      const { tpot } =
        fitBounds(clustered({ folds: 11, rows: 60, seed: 100 + i }), ['closed-loop'])['closed-loop'] ?? {}
      const fresh = clustered({ folds: 100, rows: 10, seed: 500 + i }).map(({ log }) => log.tpot)
      return fresh.filter((value) => tpot && value >= tpot.low && value <= tpot.high).length / fresh.length
    })
    const mean = covered.reduce((sum, share) => sum + share, 0) / covered.length
    expect(mean).toBeGreaterThan(0.76)
    expect(mean).toBeLessThan(0.86)
  })

  it('are lopsided where errors are', () => {
    const bounds = fitBounds(clustered({ folds: 11, rows: 120, seed: 1, skew: 3 }), ['closed-loop'])['closed-loop']
    expect(bounds?.tpot.high).toBeGreaterThan(-1.8 * (bounds?.tpot.low ?? 0))
  })

  it('are wider the further families are apart', () => {
    const widthAt = (between: number) => {
      const bounds = fitBounds(clustered({ folds: 11, rows: 120, seed: 2, between }), ['closed-loop'])['closed-loop']
      return (bounds?.tpot.high ?? 0) - (bounds?.tpot.low ?? 0)
    }
    const widths = [0, 0.1, 0.3, 0.6].map(widthAt)
    expect(widths).toEqual(widths.toSorted((a, b) => a - b))
  })

  it('always enclose the prediction, and never promise more than measuring twice would', () => {
    const biased = clustered({ folds: 5, rows: 50, seed: 3 }).map((one) => ({
      ...one,
      log: { ...one.log, tpot: 0.5 + Math.abs(one.log.tpot), ttft: 0 },
    }))
    const bounds = fitBounds(biased, ['closed-loop'])['closed-loop']
    for (const target of ['tpot', 'ttft', 'output'] as const) {
      expect(bounds?.[target].low).toBeLessThanOrEqual(-0.7 * 0.02)
      expect(bounds?.[target].high).toBeGreaterThanOrEqual(0.7 * 0.02)
    }
  })

  it('do not depend on the order of rows', () => {
    const residuals = clustered({ folds: 7, rows: 40, seed: 4 })
    expect(fitBounds(residuals.toReversed(), ['closed-loop'])).toEqual(fitBounds(residuals, ['closed-loop']))
  })
})

describe('groups', () => {
  const calm = clustered({ folds: 8, rows: 60, seed: 5, between: 0.02 })
  const wild = clustered({ folds: 8, rows: 60, seed: 6, between: 0.8, group: 'burst' })

  it('have bounds of their own where they have rows enough', () => {
    const bounds = fitBounds([...calm, ...wild], ['closed-loop', 'burst'])
    expect(bounds.burst?.tpot.high).toBeGreaterThan(2 * (bounds['closed-loop']?.tpot.high ?? 9))
    expect(coverage([...calm, ...wild].filter(({ group }) => group === 'burst'))).toBeGreaterThan(0.79)
  })

  it('with fewer than thirty measured rows take those of all, as does one without any', () => {
    const few = calm.slice(0, 29).map((one) => ({ ...one, group: 'legacy' }))
    const all = [...wild, ...calm, ...few]
    const bounds = fitBounds(all, ['legacy', 'offline'])
    expect(bounds.legacy).toEqual(bounds.offline)
    expect(bounds.legacy?.tpot.high).toBeGreaterThan(
      2 * (fitBounds(all, ['closed-loop'])['closed-loop']?.tpot.high ?? 9),
    )
    const enough = [...wild, ...calm, ...calm.slice(0, 30).map((one) => ({ ...one, group: 'legacy' }))]
    expect(fitBounds(enough, ['legacy']).legacy).not.toEqual(fitBounds(enough, ['offline']).offline)
  })

  it('take a target that was never measured for as uncertain as measuring is', () => {
    expect(fitBounds(calm, ['closed-loop'])['closed-loop']?.output.high).toBeGreaterThanOrEqual(0.7 * 0.02)
  })

  it('left out are bounded by the other folds alone', () => {
    const moved = calm.map((one) => (one.fold === 0 ? { ...one, log: { ...one.log, tpot: one.log.tpot + 5 } } : one))
    const [before, after] = [leftOutBounds(calm), leftOutBounds(moved)]
    const ratio = (i: number) => (after[i]?.tpot.high ?? 0) / (before[i]?.tpot.high ?? 1)
    // The fold's own rows move its bounds by the factor that all share alone.
    const factor = (after[0]?.tpot.low ?? 0) / (before[0]?.tpot.low ?? 1)
    expect(ratio(0)).toBeCloseTo(factor)
    expect(ratio(calm.length - 1)).toBeGreaterThan(5 * factor)
  })
})
