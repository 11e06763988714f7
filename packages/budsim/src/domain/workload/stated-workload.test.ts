import { Workload } from '@bud/kernel'
import { describe, expect, test } from 'vitest'
import { toLengths } from './length-distribution.ts'
import { WORKLOAD_PRESETS } from './presets.ts'
import { resolveWorkload } from './stated-workload.ts'

test('every preset is a workload', () => {
  for (const { workload, reason } of Object.values(WORKLOAD_PRESETS)) {
    expect(Workload.parse(workload)).toEqual(workload)
    expect(reason).toMatch(/\.$/)
  }
})

describe('lengths', () => {
  /** Percentile and mean of a lognormal with these moments, to hold the conversion to. */
  const p95Of = ({ mean, cv = 0 }: { mean: number; cv?: number | undefined }): number => {
    const variance = Math.log(1 + cv ** 2)
    return mean * Math.exp(1.6448536269514722 * Math.sqrt(variance) - variance / 2)
  }

  test('stated by percentiles have the lognormal’s mean and spread', () => {
    for (const stated of [
      { mean: 1000, p95: 3000 },
      { p50: 500, p95: 4000 },
      { mean: 1000, p95: 1000 },
    ]) {
      const lengths = toLengths(stated)
      if ('problem' in lengths) throw new Error(lengths.problem)
      expect(p95Of(lengths)).toBeCloseTo(stated.p95, 6)
    }
    expect(toLengths({ mean: 10, cv: 2 })).toEqual({ mean: 10, cv: 2 })
    expect(toLengths(10)).toEqual({ mean: 10, cv: undefined })
  })

  test('that no lognormal has are refused', () => {
    expect(toLengths({ mean: 100, p95: 90 })).toEqual({ problem: 'the 95th percentile 90 is below the mean 100' })
    expect(toLengths({ mean: 100, p95: 400 })).toEqual({ problem: expect.stringContaining('more than 3.9 times') })
    expect(toLengths({ p50: 100, p95: 90 })).toEqual({ problem: 'the 95th percentile 90 is below the median 100' })
  })
})

describe('a stated workload', () => {
  test('takes from the preset what it does not say', () => {
    expect(resolveWorkload({ preset: 'rag', output_tokens: { mean: 100, cv: 0.1 }, concurrency: 8 })).toEqual({
      workload: { ...WORKLOAD_PRESETS.rag.workload, output_tokens: 100, output_tokens_cv: 0.1, concurrency: 8 },
    })
    expect(resolveWorkload({ preset: 'rag', input_tokens: 100 })).toEqual({
      workload: expect.not.objectContaining({ input_tokens_cv: expect.anything() }),
    })
  })

  test('names every problem with its path', () => {
    const result = resolveWorkload({ input_tokens: { mean: 100, p95: 1000 }, concurrency: 1, request_rate_per_s: 1 })
    expect(result).toMatchObject({
      problems: [{ path: 'workload.input_tokens' }, { path: 'workload.concurrency' }],
    })
  })
})
