import { describe, expect, it } from 'vitest'
import { measuredRowOf } from '../../testing/serving-cases.ts'
import { groupErrors, type Judged, scenarioErrors } from './error-table.ts'

const judged = (
  tpot: [predicted: number, measured: number],
  row: Parameters<typeof measuredRowOf>[0] = {},
  source = 'made',
): Judged => ({
  from: { ...measuredRowOf(row), source },
  measured: { tpot: tpot[1], ttft: Number.NaN, output: 1000 },
  predicted: { tpot: tpot[0], ttft: 77, output: 900 },
  intervals: {
    tpot: { low: 0.9 * tpot[0], high: 1.2 * tpot[0] },
    ttft: { low: 70, high: 80 },
    output: { low: 800, high: 999 },
  },
})
/** Errors of 10 %, 50 %, 20 % and 100 %; the first alone is inside its interval. */
const rows = [
  judged([11, 10]),
  judged([15, 10]),
  judged([8, 10], { gpu: 'L4-24GB' }),
  judged([10, 5], { gpu: 'L4-24GB' }),
]

describe('errors of a slice', () => {
  const [all] = groupErrors(rows, () => 'all')

  it('are mean and median of |predicted ÷ measured − 1| in percent, and the share inside the interval', () => {
    expect(all?.errors.tpot).toEqual({
      rows: 4,
      mean_percent: expect.closeTo((10 + 50 + 20 + 100) / 4),
      median_percent: expect.closeTo((20 + 50) / 2),
      covered_percent: 25,
    })
    expect(all?.errors.output).toMatchObject({ mean_percent: expect.closeTo(10), covered_percent: 0 })
    const odd = groupErrors(rows.slice(0, 3), () => 'odd')[0]
    expect(odd?.errors.tpot?.median_percent).toBeCloseTo(20)
  })

  it('are none where nothing was measured', () => {
    expect(all?.errors.ttft).toBeNull()
    expect(all?.rows).toBe(4)
  })
})

describe('slices', () => {
  it('by group list every row once, the largest group first', () => {
    const slices = groupErrors([...rows, judged([1, 1])], ({ from }) => from.row.gpu)
    expect(slices.map(({ slice, rows: count }) => [slice, count])).toEqual([
      ['H100-SXM-80GB', 3],
      ['L4-24GB', 2],
    ])
    const ties = groupErrors(rows, ({ from }) => from.row.gpu)
    expect(ties.map(({ slice }) => slice)).toEqual(['H100-SXM-80GB', 'L4-24GB'])
  })

  it('by scenario lead with the comparable sample, then everything; empty ones are left out', () => {
    const mixed = [...rows, judged([1, 1], { scenario: 'burst' }), judged([2, 1], {}, 'aiconfigurator-silicon-sample')]
    expect(scenarioErrors(mixed).map(({ slice, rows: count }) => [slice, count])).toEqual([
      ['silicon sample, closed loop', 1],
      ['all', 6],
      ['burst', 1],
      ['closed-loop', 5],
    ])
    expect(scenarioErrors(rows).map(({ slice }) => slice)).toEqual(['all', 'closed-loop'])
  })
})
