import { describe, expect, it } from 'vitest'
import { architectureOf } from '../../domain/intervals/interval-model.ts'
import { TARGETS } from '../../domain/physics/calibrated.ts'
import { createCasePhysics } from '../../domain/physics/case-physics.ts'
import { someTrainingInput } from '../../testing/training-rows.ts'
import { crossValidate } from './cross-validate.ts'
import { FOLDINGS, type Folding, foldsOf, gpuKey } from './folds.ts'
import { type PreparedRow, prepareRows } from './prepare-rows.ts'

const { rows: measured, reference } = someTrainingInput()
const rows = prepareRows(measured, reference, createCasePhysics(reference.kernels))
const keyOf = (row: PreparedRow, folding: Folding) => (folding === 'gpu' ? gpuKey(row) : architectureOf(row.case))

describe.each(FOLDINGS)('folds by %s', (folding) => {
  const folds = foldsOf(rows, folding)

  it('never have one in two folds', () => {
    const byKey = Map.groupBy(rows.keys(), (i) => keyOf(rows[i] as PreparedRow, folding))
    for (const [key, members] of byKey) expect(new Set(members.map((i) => folds[i])).size, key).toBe(1)
  })

  it('are eleven, the eight largest alone', () => {
    expect([...new Set(folds)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const sizes = [...Map.groupBy(rows, (row) => keyOf(row, folding)).values()].map((group) => group.length)
    const largest = sizes.sort((a, b) => b - a).slice(0, 8)
    const counted = largest.map((_, fold) => folds.filter((one) => one === fold).length)
    expect(counted).toEqual(largest)
  })

  it('predict every row once, by a model that its measurements did not move', () => {
    const plain = crossValidate(rows, folding)
    expect(plain.map(({ row }) => row.from.row.row_id).sort()).toEqual(rows.map(({ from }) => from.row.row_id).sort())
    const left = folds[0] ?? 0
    const moved = rows.map((row, i) =>
      folds[i] === left
        ? {
            ...row,
            measured: { tpot: 3 * row.measured.tpot, ttft: 5 * row.measured.ttft, output: row.measured.output / 4 },
          }
        : row,
    )
    const after = crossValidate(moved, folding)
    const figuresOf = (predictions: typeof plain, own: boolean) =>
      predictions.flatMap(({ fold, predicted }) =>
        own === (fold === left) ? TARGETS.map((target) => predicted[target]) : [],
      )
    expect(figuresOf(after, true)).toEqual(figuresOf(plain, true))
    expect(figuresOf(after, false)).not.toEqual(figuresOf(plain, false))
  })
})

it('random folds are five, the same every time, and told as they are done', () => {
  const told: string[] = []
  const once = crossValidate(rows.slice(0, 60), 'random', (done, total) => told.push(`${done} of ${total}`))
  expect(told).toEqual(['1 of 5', '2 of 5', '3 of 5', '4 of 5', '5 of 5'])
  expect(crossValidate(rows.slice(0, 60), 'random')).toEqual(once)
})

describe('prepared rows', () => {
  it('count for less the more there are of one source, model, GPU and engine', () => {
    const groups = Map.groupBy(rows, ({ from: { row, source } }) => `${source}|${row.model}|${row.gpu}|${row.engine}`)
    const weights = [...groups.values()].map((group) => ({ size: group.length, weight: group[0]?.weight ?? 0 }))
    const [small, large] = [weights.find(({ size }) => size === 1), weights.reduce((a, b) => (a.size > b.size ? a : b))]
    expect(small?.weight).toBeLessThanOrEqual(1)
    expect(large.weight).toBeLessThan(0.5)
    expect(large.weight * large.size).toBeGreaterThan(1)
  })

  it('leave out models and GPUs that no catalogue has, and layouts that nothing explains', () => {
    const [first] = measured
    if (!first) throw new Error('no rows')
    const odd = [{ model: 'nobody/knows' }, { gpu: 'H900' }, { num_gpus: 7, tp: 7 }].map((row) => ({
      ...first,
      row: { ...first.row, ...row },
    }))
    expect(prepareRows([...odd, first], reference, createCasePhysics(reference.kernels))).toHaveLength(1)
  })

  it('keep what was not measured apart from figures', () => {
    for (const { measured: figures } of rows) {
      for (const target of TARGETS) expect(figures[target] > 0 || Number.isNaN(figures[target])).toBe(true)
    }
  })
})
