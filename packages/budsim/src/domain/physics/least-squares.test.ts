import { describe, expect, it } from 'vitest'
import { createSeededRandom } from '../trees/seeded-random.ts'
import { fitLeastSquares } from './least-squares.ts'
import { block, blockOf, coefficientsOf, parameterSpace, priorResiduals } from './parameters.ts'

const SOFTNESS = 0.1
const xs = Float64Array.from({ length: 200 }, (_, i) => (i + 1) / 20)
const curve = ([a = 0, b = 0, c = 0]: ArrayLike<number> & Iterable<number>, x: number): number =>
  Math.log(Math.exp(a) + Math.exp(b) * x ** Math.exp(c))
const TRUE = Float64Array.of(Math.log(3), Math.log(0.5), Math.log(1.4))

function fit(measured: readonly number[], { priorCount = 0, spread = 1, start = new Float64Array(3) } = {}) {
  return fitLeastSquares({
    start,
    dataCount: measured.length,
    priorCount,
    softness: SOFTNESS,
    steps: 60,
    residuals(parameters, into) {
      measured.forEach((value, i) => {
        into[i] = curve(parameters, xs[i] ?? 0) - value
      })
      for (let i = 0; i < priorCount; i++) into[measured.length + i] = ((parameters[i] ?? 0) - (start[i] ?? 0)) / spread
    },
  })
}

const exact = [...xs].map((x) => curve(TRUE, x))
const distance = (one: Float64Array): number => Math.max(...one.map((value, i) => Math.abs(value - (TRUE[i] ?? 0))))

describe('fitting', () => {
  it('recovers the parameters that made the data', () => {
    expect(distance(fit(exact))).toBeLessThan(1e-4)
  })

  it('recovers them under noise to within its size', () => {
    const random = createSeededRandom(3)
    expect(distance(fit(exact.map((value) => value + 0.05 * (random() - 0.5))))).toBeLessThan(0.05)
  })

  it('is hardly moved by outliers, however far they lie', () => {
    const withOutliers = (size: number) => exact.map((value, i) => (i % 10 === 3 ? value + size : value))
    expect(distance(fit(withOutliers(2)))).toBeLessThan(0.06)
    expect(distance(fit(withOutliers(20)))).toBeLessThan(0.06)
  })

  it('is held by priors where the data say nothing, and by data where they say much', () => {
    const start = Float64Array.of(0.2, 0.3, 0.1)
    const silent = fit([], { priorCount: 3, start: Float64Array.from(start) })
    expect([...silent]).toEqual([...start])
    const loose = fit(exact, { priorCount: 3, spread: 100, start })
    expect(distance(loose)).toBeLessThan(1e-3)
    const tight = fit(exact, { priorCount: 3, spread: 1e-4, start })
    expect(Math.max(...tight.map((value, i) => Math.abs(value - (start[i] ?? 0))))).toBeLessThan(1e-2)
  })

  it('never makes the loss worse, and leaves its start as it was', () => {
    const start = Float64Array.of(5, -5, 2)
    const before = [...start]
    const loss = (parameters: Float64Array) =>
      exact.reduce((sum, value, i) => sum + Math.abs(curve(parameters, xs[i] ?? 0) - value), 0)
    expect(loss(fit(exact, { start }))).toBeLessThan(loss(start))
    expect([...start]).toEqual(before)
  })
})

describe('coefficients', () => {
  const space = parameterSpace([block('parts', 2, 1, 0.1), blockOf('engine', [3, 4], 0.5)])

  it('start as the physics has them', () => {
    expect(coefficientsOf(space, space.start)).toEqual({
      parts: [1, 1],
      engine: [expect.closeTo(3, 12), expect.closeTo(4, 12)],
    })
  })

  it('are as far from their priors as spreads say', () => {
    const into = new Float64Array(5)
    priorResiduals(space, Float64Array.of(0.1, 0, Math.log(3) - 1, Math.log(4)), into, 1)
    expect([...into]).toEqual([0, expect.closeTo(1, 9), 0, expect.closeTo(-2, 9), 0])
  })
})
