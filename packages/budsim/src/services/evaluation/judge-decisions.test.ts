import { describe, expect, it } from 'vitest'
import { measuredRowOf } from '../../testing/serving-cases.ts'
import type { Judged } from './error-table.ts'
import { judgeDecisions } from './judge-decisions.ts'

/** TPOT predicted and measured, output tokens per second predicted and measured. */
type Configuration = readonly [tpot: number, truth: number, output: number, delivered: number, gpus?: number]
const judged = (
  [tpot, truth, output, delivered, num_gpus = 1]: Configuration,
  row: Parameters<typeof measuredRowOf>[0] = {},
): Judged => ({
  from: measuredRowOf({ num_gpus, ...row }),
  measured: { tpot: truth, ttft: Number.NaN, output: delivered },
  predicted: { tpot, ttft: 1, output },
  // At a confidence of 0.9 the bound is the interval's end: a quarter more.
  intervals: {
    tpot: { low: 0.8 * tpot, high: 1.25 * tpot },
    ttft: { low: 1, high: 1 },
    output: { low: output, high: output },
  },
})
const of = (configurations: readonly Configuration[], confidence = 0.5) =>
  judgeDecisions(
    configurations.map((one) => judged(one)),
    confidence,
  )

/** Limits are 10, 15, 20, 25, 30, 40, 50, 60, 80 and 100 ms. */
const TRUE: Configuration[] = [
  [12, 12, 100, 100],
  [18, 18, 200, 200],
  [28, 28, 300, 300],
  [45, 45, 400, 400],
  [70, 70, 500, 500],
  [90, 90, 600, 600],
]

describe('decisions', () => {
  it('of right predictions are all met, without regret; where nothing holds the limit, none is right', () => {
    expect(of(TRUE)).toEqual({
      ...{ confidence: 0.5, groups: 1, decisions: 9, met_percent: 100, violated_percent: 0, unanswered_percent: 0 },
      ...{ met_of_picks_percent: 100, regret_mean_percent: 0, regret_median_percent: 0 },
    })
  })

  it('are violated where the pick measurably exceeds the limit', () => {
    // Thought to take 12 ms and to deliver most, it takes 200: nine picks, all of them wrong.
    const wrong = of([[12, 200, 900, 900], ...TRUE.slice(1)])
    expect(wrong).toMatchObject({ decisions: 9, violated_percent: 100, met_percent: 0, met_of_picks_percent: 0 })
  })

  it('are unanswered where something measurably holds the limit, but nothing is predicted to', () => {
    // 15 ms is held by the first alone, which is thought to take 16.
    const shy = of([[16, 12, 100, 100], ...TRUE.slice(1)])
    expect(shy).toMatchObject({ decisions: 9, unanswered_percent: expect.closeTo(100 / 9), met_of_picks_percent: 100 })
    expect(shy.met_percent).toBeCloseTo((8 / 9) * 100)
  })

  it('regret what the best that holds delivers more', () => {
    // From 20 ms on, the pick by prediction (180 of 200 tokens per second) loses a tenth, until 30 ms allow better.
    const regretful = of([...TRUE.slice(0, 2), [19, 19, 250, 180], ...TRUE.slice(2, 6)])
    expect(regretful.decisions).toBe(9)
    expect(regretful.regret_mean_percent).toBeCloseTo((2 * 10) / 9)
    expect(regretful.regret_median_percent).toBe(0)
  })

  it('compare throughput per GPU', () => {
    const spread: Configuration[] = TRUE.map(([a, b, c, d]) => [a, b, c * 4, d * 4, 8])
    const result = of([...TRUE.slice(0, 5), ...spread])
    expect(result).toMatchObject({ violated_percent: 0, regret_mean_percent: 0 })
    const tempted = of([...TRUE.slice(0, 5), [12, 200, 450, 450, 8]])
    expect(tempted.violated_percent).toBe(0)
  })

  it('at a higher confidence are safer and answer less', () => {
    // Each takes a fifth longer than predicted: inside the interval, beyond the prediction.
    const slower: Configuration[] = TRUE.map(([tpot, , output, delivered]) => [tpot, 1.2 * tpot, output, delivered])
    const [bold, safe] = [of(slower, 0.5), of(slower, 0.9)]
    expect(bold.violated_percent).toBeGreaterThan(20)
    expect(safe).toMatchObject({ confidence: 0.9, violated_percent: 0, met_of_picks_percent: 100 })
    const close: Configuration[] = [[14, 14, 100, 100], ...TRUE.slice(1)]
    expect(of(close, 0.5).unanswered_percent).toBe(0)
    expect(of(close, 0.9)).toMatchObject({ unanswered_percent: expect.closeTo(100 / 9), violated_percent: 0 })
  })

  it('are made in groups of at least six closed loops of one model, GPU, engine, precision and lengths', () => {
    const rows = TRUE.map((one) => judged(one))
    expect(judgeDecisions(rows.slice(1), 0.5)).toMatchObject({ groups: 0, decisions: 0, met_of_picks_percent: 0 })
    const apart = (
      [{ isl: 9 }, { gpu: 'L4-24GB' }, { precision: 'fp8' }, { engine: 'sglang' }, { model: 'x' }] as const
    ).map((row) => judgeDecisions([...rows.slice(1), judged([12, 12, 100, 100], row)], 0.5).groups)
    expect(apart).toEqual([0, 0, 0, 0, 0])
    const bursts = TRUE.map((one) => judged(one, { scenario: 'burst' }))
    expect(judgeDecisions(bursts, 0.5).groups).toBe(0)
    const loads = TRUE.map((one, i) => judged(one, { concurrency_or_batch: i + 1 }))
    expect(
      judgeDecisions([...loads, ...rows.map((one) => ({ ...one, from: measuredRowOf({ isl: 9 }) }))], 0.5),
    ).toMatchObject({
      ...{ groups: 2, decisions: 18 },
    })
  })
})
