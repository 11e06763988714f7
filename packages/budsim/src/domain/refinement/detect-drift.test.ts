import { describe, expect, it } from 'vitest'
import { createSeededRandom } from '../trees/seeded-random.ts'
import { BASELINE_WINDOWS, detectDrift, type ResidualWindow } from './detect-drift.ts'

const WINDOW_MS = 300_000

/** Gaussian noise of 7 % around a level that changes at given windows. */
function series(seed: number, length: number, level: (i: number) => number, noise = 0.07): ResidualWindow[] {
  const random = createSeededRandom(seed)
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length }, (_, i) => ({ atMs: i * WINDOW_MS, residual: level(i) + noise * gauss() }))
}
const seeds = Array.from({ length: 200 }, (_, i) => i + 1)

describe('drift', () => {
  it('is not said before there is a baseline', () => {
    expect(detectDrift(series(1, BASELINE_WINDOWS - 1, () => 0))).toEqual({
      drifting: false,
      sinceMs: null,
      from: null,
      to: null,
    })
  })

  it('is not seen in noise of 7 %: in a day of windows of five minutes less than one alarm in forty', () => {
    const alarms = seeds.filter((seed) => {
      const history = series(seed, BASELINE_WINDOWS + 288, () => 0.15)
      return history.some((_, i) => i % 8 === 0 && detectDrift(history.slice(0, i)).drifting)
    })
    expect(alarms.length / seeds.length).toBeLessThan(1 / 40)
  })

  it.each([Math.log(1.2), Math.log(0.8)])('of %f is seen within ten windows, half of the time within five', (shift) => {
    const delays = seeds.map((seed) => {
      const start = BASELINE_WINDOWS + 30
      const history = series(seed, start + 40, (i) => (i >= start ? shift : 0))
      const alarm = history.findIndex((_, i) => i >= start && detectDrift(history.slice(0, i + 1)).drifting)
      return alarm - start + 1
    })
    delays.sort((a, b) => a - b)
    expect(delays[100]).toBeLessThanOrEqual(5)
    expect(delays[190]).toBeLessThanOrEqual(10)
  })

  it('tells when it began and by how much', () => {
    const start = BASELINE_WINDOWS + 50
    const drift = detectDrift(series(3, start + 30, (i) => (i >= start ? 0.3 : 0.1)))
    expect(drift.drifting).toBe(true)
    expect(Math.abs((drift.sinceMs ?? 0) / WINDOW_MS - start)).toBeLessThanOrEqual(2)
    expect(drift.from).toBeCloseTo(0.1, 1)
    expect(drift.to).toBeCloseTo(0.3, 1)
  })

  it('is not one wild window, and ends when figures are as they were', () => {
    const start = BASELINE_WINDOWS + 20
    expect(detectDrift(series(4, start + 5, (i) => (i === start ? 3 : 0))).drifting).toBe(false)
    const back = series(5, start + 60, (i) => (i >= start && i < start + 20 ? 0.3 : 0))
    expect(detectDrift(back.slice(0, start + 15)).drifting).toBe(true)
    expect(detectDrift(back).drifting).toBe(false)
  })

  it('knows noise that repeats better than figures do from a shift', () => {
    expect(detectDrift(series(6, 300, (i) => (i >= 100 ? 0.02 : 0), 0.001)).drifting).toBe(false)
  })
})
