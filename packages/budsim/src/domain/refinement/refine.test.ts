import { describe, expect, it } from 'vitest'
import type { Observation, Place } from './observation.ts'
import { refine } from './refine.ts'

const home: Place = {
  architecture: '32|4096|0',
  gpu: 'H100-SXM-80GB',
  engine: 'vllm',
  engineVersion: '0.18.0',
  precision: 'bf16',
  head: 'closed-loop',
  tensorParallel: 1,
  dataParallel: 1,
  expertParallel: 1,
  lnBatch: Math.log(32),
  lnInput: Math.log(1024),
  lnOutput: Math.log(256),
  newModel: true,
  newGpu: false,
  familiar: false,
}
const at = (change: Partial<Place>): Place => ({ ...home, ...change })
const seen = (tpot: number | null, change: Partial<Place> = {}, more: Partial<Observation> = {}): Observation => ({
  place: at(change),
  residuals: { tpot, ttft: tpot, output: tpot === null ? null : -tpot },
  weight: 1,
  observedAtMs: 0,
  ...more,
})
const batches = (count: number) => Array.from({ length: count }, (_, i) => Math.log(2 ** (i + 2)))
const offsetOf = (observations: readonly Observation[], place: Place = home): number =>
  refine('r-1', observations).groupAt(place)?.at('tpot', place).offset ?? 0
const explainedOf = (observations: readonly Observation[], place: Place = home): number =>
  refine('r-1', observations).groupAt(place)?.at('tpot', place).explained ?? 0

describe('a refinement', () => {
  it('says nothing without observations, and nothing about strangers', () => {
    expect(refine('r-1', []).groupAt(home)).toBeUndefined()
    const refinement = refine('r-1', [seen(0.3)])
    expect(refinement.groupAt(at({ engine: 'sglang' }))).toBeUndefined()
    expect(refinement.groupAt(at({ head: 'offline' }))).toBeUndefined()
    expect(refinement.groupAt(at({ architecture: '80|8192|0', gpu: 'L40S-48GB' }))).toBeUndefined()
  })

  it('moves a prediction towards what was measured, never past it, and the nearer the load the more', () => {
    const near = offsetOf([seen(0.3)])
    const far = offsetOf([seen(0.3)], at({ lnBatch: Math.log(1024), lnInput: Math.log(16_000) }))
    expect(near).toBeGreaterThan(0.2)
    expect(near).toBeLessThan(0.3)
    expect(far).toBeGreaterThan(0.05)
    expect(far).toBeLessThan(near)
  })

  it('is continuous in the load', () => {
    const refinement = refine('r-1', [seen(0.3), seen(-0.2, { lnBatch: Math.log(256) })])
    const group = refinement.groupAt(home)
    let last = group?.at('tpot', at({ lnBatch: 0 })).offset ?? 0
    for (let lnBatch = 0.01; lnBatch < 7; lnBatch += 0.01) {
      const next = group?.at('tpot', at({ lnBatch })).offset ?? 0
      expect(Math.abs(next - last)).toBeLessThan(0.01)
      last = next
    }
  })

  it('explains more of the error with every observation, and between none and all of it', () => {
    const explained = [1, 2, 4, 8].map((count) => explainedOf(batches(count).map((lnBatch) => seen(0.1, { lnBatch }))))
    expect(explained).toEqual([...explained].sort((a, b) => a - b))
    expect(explained[0]).toBeGreaterThan(0.2)
    expect(explained[3]).toBeLessThan(1)
  })

  it('is bounded whatever was measured', () => {
    const wild = batches(6).map((lnBatch) => seen(9, { lnBatch }))
    expect(offsetOf(wild)).toBeLessThanOrEqual(1.5)
    expect(offsetOf(wild.map((one) => ({ ...one, residuals: { ...one.residuals, tpot: -9 } })))).toBeGreaterThanOrEqual(
      -1.5,
    )
  })

  it('is not fooled by one bad observation among several', () => {
    const good = batches(5).map((lnBatch) => seen(0.1, { lnBatch }))
    const bad = seen(1.5, { lnBatch: Math.log(24) })
    expect(Math.abs(offsetOf([...good, bad]) - offsetOf(good))).toBeLessThan(0.08)
  })

  it('trusts one measurement little where the predictor was trained on the same model, GPU and engine', () => {
    const familiar = { newModel: false, familiar: true }
    const one = offsetOf([seen(0.3, familiar)], at(familiar))
    const many = offsetOf(
      Array.from({ length: 20 }, () => seen(0.3, familiar)),
      at(familiar),
    )
    expect(one).toBeLessThan(0.1)
    expect(many).toBeGreaterThan(0.2)
  })

  it('tells neighbours something: other GPUs of a new model, other models of a new GPU, other precisions', () => {
    const own = offsetOf([seen(0.3)])
    const otherGpu = offsetOf([seen(0.3)], at({ gpu: 'L40S-48GB' }))
    const otherPrecision = offsetOf([seen(0.3, { newModel: false })], at({ precision: 'fp8', newModel: false }))
    const newGpu = { newModel: false, newGpu: true }
    const otherModel = offsetOf([seen(0.3, newGpu)], at({ ...newGpu, architecture: '80|8192|0' }))
    for (const shared of [otherGpu, otherPrecision, otherModel]) {
      expect(shared).toBeGreaterThan(0.02)
      expect(shared).toBeLessThan(own / 2)
    }
    expect(offsetOf([seen(0.3, { newModel: false })], at({ gpu: 'L40S-48GB', newModel: false }))).toBe(0)
  })

  it('reads tokens per second where the time per token was not measured', () => {
    const observation: Observation = { ...seen(null), residuals: { tpot: null, ttft: null, output: -0.3 } }
    expect(offsetOf([observation])).toBeGreaterThan(0.1)
    expect(refine('r-1', [observation]).groupAt(home)?.at('ttft', home).offset).toBe(0)
  })

  it('counts every observation, though equal loads are kept as one', () => {
    const windows = Array.from({ length: 500 }, (_, i) => seen(0.2, {}, { observedAtMs: i * 300_000 }))
    expect(refine('r-1', windows).groupAt(home)?.observations).toBe(500)
    expect(offsetOf(windows)).toBeCloseTo(0.2, 2)
  })

  it('follows the newest when a load’s figures have changed', () => {
    const day = 86_400_000
    const old = Array.from({ length: 20 }, (_, i) => seen(0, {}, { observedAtMs: i * 1000 }))
    const fresh = Array.from({ length: 8 }, (_, i) => seen(0.2, {}, { observedAtMs: 90 * day + i * 1000 }))
    expect(offsetOf([...old, ...fresh])).toBeGreaterThan(0.15)
  })
})
