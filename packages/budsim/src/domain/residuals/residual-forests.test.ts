import { describe, expect, it } from 'vitest'
import { LLAMA_8B, LLAMA_70B } from '../../testing/fixtures.ts'
import { caseOf, casePhysics } from '../../testing/serving-cases.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import { type CalibratedCase, calibrate } from '../physics/calibrated.ts'
import { HEADS } from '../physics/heads.ts'
import type { ServingCase } from '../physics/serving-case.ts'
import { type Forest, LEAF } from '../trees/forest.ts'
import { FEATURES, NARROW_FEATURES } from './features.ts'
import {
  createResiduals,
  type ForestRole,
  type ResidualForest,
  seenKey,
  TREE_GROUPS,
  treeGroupOf,
} from './residual-forests.ts'

const { calibration } = untrainedModel()
const of = (stated: Partial<ServingCase> = {}, query: Parameters<typeof caseOf>[0] = {}): CalibratedCase => {
  const one = caseOf(query, stated)
  return calibrate(calibration, one, casePhysics.measure(one))
}

/** A forest that says the same of everything. */
const saying = (value: number, names: readonly string[] = FEATURES): Forest => ({
  objective: 'absolute-error',
  feature_names: [...names],
  base_score: 0,
  trees: [
    {
      left: Int32Array.of(LEAF),
      right: Int32Array.of(LEAF),
      feature: Int32Array.of(0),
      threshold: Float32Array.of(value),
      default_left: Uint8Array.of(0),
      gain: Float32Array.of(0),
      cover: Float32Array.of(1),
      weight: Float32Array.of(value),
    },
  ],
})
const forestOf = (
  group: ResidualForest['group'],
  target: ResidualForest['target'],
  role: ForestRole,
  value: number,
) => ({
  ...{ group, target, role },
  forest: saying(value, role === 'narrow' ? NARROW_FEATURES : FEATURES),
})

describe('closed loops', () => {
  const forests = [
    forestOf('closed-loop', 'tpot', 'residual', 0.2),
    forestOf('closed-loop', 'ttft', 'residual', -0.4),
    forestOf('closed-loop', 'tpot', 'narrow', 0.1),
  ]
  const seen = of()
  const unseen = of({}, { facts: LLAMA_70B, tensorParallel: 4 })
  const residuals = createResiduals({ forests, seen: [seenKey(seen)] })

  it('seen in training are corrected by the deep trees', () => {
    const { tpot, ttft } = residuals.correct(seen)
    expect(tpot).toBeCloseTo(seen.figures.tpot * Math.exp(0.2))
    expect(ttft).toBeCloseTo(seen.figures.ttft * Math.exp(-0.4), 4)
    expect(residuals.hasSeen(seen)).toBe(true)
  })

  it('never seen take a part of what the narrow trees say of time per token; first tokens are physics alone', () => {
    const { tpot, ttft } = residuals.correct(unseen)
    expect(residuals.hasSeen(unseen)).toBe(false)
    expect(tpot).toBeCloseTo(unseen.figures.tpot * Math.exp(0.3 * 0.1))
    expect(ttft).toBe(unseen.figures.ttft)
  })

  it('are never seen on another GPU or engine', () => {
    expect(residuals.hasSeen(of({}, { engine: 'sglang' }))).toBe(false)
    expect(residuals.hasSeen(of({ concurrency: 3, inputTokens: 9 }))).toBe(true)
  })

  it('deliver what their corrected latencies leave', () => {
    const { tpot, ttft, output } = residuals.correct(seen)
    expect(output).toBeCloseTo(((16 * 256) / (ttft + 255 * tpot)) * 1e3)
  })

  it('are pulled by no more than a factor of e', () => {
    const wild = createResiduals({
      forests: [forestOf('closed-loop', 'tpot', 'residual', 9), forestOf('closed-loop', 'ttft', 'residual', -9)],
      seen: [seenKey(seen)],
    })
    const { tpot, ttft } = wild.correct(seen)
    expect(tpot).toBeCloseTo(seen.figures.tpot * Math.E)
    expect(ttft).toBeCloseTo(seen.figures.ttft / Math.E, 4)
  })
})

describe('other scenarios', () => {
  it('mix corrected physics with trees that see none, and throughput is corrected alone', () => {
    const one = of({ scenario: 'offline', concurrency: null })
    const { correct } = createResiduals({
      forests: [
        forestOf('rated', 'tpot', 'residual', 0.1),
        forestOf('rated', 'tpot', 'raw', Math.log(50)),
        forestOf('rated', 'output', 'residual', -0.2),
      ],
      seen: [],
    })
    const { tpot, ttft, output } = correct(one)
    expect(Math.log(tpot)).toBeCloseTo(0.7 * (Math.log(one.figures.tpot) + 0.1) + 0.3 * Math.log(50))
    expect(ttft).toBe(one.figures.ttft)
    expect(output).toBeCloseTo(one.figures.output * Math.exp(-0.2), 3)
  })

  it('deliver a stated rate whatever trees say', () => {
    const one = of({ scenario: 'open-loop', concurrency: null, requestsPerS: 2 })
    const { correct } = createResiduals({ forests: [forestOf('rated', 'output', 'residual', 1)], seen: [] })
    expect(correct(one).output).toBe(2 * 256)
  })

  it('are corrected by the forests of their own group alone', () => {
    const forests = TREE_GROUPS.map((group) =>
      forestOf(group, 'tpot', 'residual', group === 'static-batch' ? 0.5 : 0.1),
    )
    const { correct } = createResiduals({ forests, seen: [] })
    const one = of({ scenario: 'static-batch' })
    expect(correct(one).tpot).toBeCloseTo(one.figures.tpot * Math.exp(0.5))
    for (const head of HEADS) expect(treeGroupOf(head) === null).toBe(head === 'burst')
    const burst = of({ scenario: 'burst' })
    expect(correct(burst)).toEqual(burst.figures)
  })
})

it('without forests figures are those of physics, and the case given is left as it was', () => {
  const { correct } = createResiduals({ forests: [], seen: [] })
  for (const scenario of ['closed-loop', 'static-batch', 'offline', 'open-loop', 'burst', 'saturation'] as const) {
    const one = of({ scenario }, { facts: LLAMA_8B })
    const before = structuredClone(one.figures)
    const corrected = correct(one)
    for (const target of ['tpot', 'ttft', 'output'] as const) expect(corrected[target]).toBeCloseTo(before[target], 6)
    expect(one.figures).toEqual(before)
  }
})

it('a forest is read when the first case of its group comes', () => {
  const read: string[] = []
  const lazily = (group: ResidualForest['group'], target: ResidualForest['target']): ResidualForest => ({
    ...{ group, target, role: 'residual' },
    get forest() {
      read.push(`${group} ${target}`)
      return saying(0)
    },
  })
  const one = of()
  const forests = TREE_GROUPS.flatMap((group) => [lazily(group, 'tpot'), lazily(group, 'ttft')])
  const { correct } = createResiduals({ forests, seen: [seenKey(one)] })
  expect(read).toEqual([])
  correct(one)
  correct(one)
  expect(read).toEqual(['closed-loop tpot', 'closed-loop ttft'])
  correct(of({ scenario: 'offline' }))
  expect(read).toEqual(['closed-loop tpot', 'closed-loop ttft', 'rated tpot', 'rated ttft'])
})
