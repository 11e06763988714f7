import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSeededRandom } from '../trees/seeded-random.ts'
import { evolve } from './evolve.ts'
import { crowdingDistances, dominates, isBetter, type Score, sortIntoFronts, thinFront } from './non-dominated.ts'

const held = (...objectives: number[]): Score => ({ objectives, violation: 0 })
const missed = (violation: number): Score => ({ objectives: [], violation })

describe('the Pareto order', () => {
  it('puts what holds the limits before what does not, and the lesser violation before the greater', () => {
    expect(dominates(held(9, 9), missed(0.1))).toBe(true)
    expect(dominates(missed(0.1), held(9, 9))).toBe(false)
    expect(dominates(missed(0.1), missed(0.2))).toBe(true)
    expect(dominates(held(1, 2), held(1, 3))).toBe(true)
    expect(dominates(held(1, 3), held(2, 2))).toBe(false)
    expect(dominates(held(1, 1), held(1, 1))).toBe(false)
  })

  it('sorts into fronts: nothing is beaten within its own, everything by something of the front before', () => {
    const scores = fc.array(
      fc.record({
        objectives: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })),
        violation: fc.constantFrom(0, 0, 0, 0.5, 1),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(scores, (all) => {
        const fronts = sortIntoFronts(all)
        expect(fronts.flat().sort((a, b) => a - b)).toEqual(all.map((_, index) => index))
        const at = (index: number): Score => all[index] ?? held()
        fronts.forEach((front, rank) => {
          for (const a of front) {
            expect(front.some((b) => dominates(at(b), at(a)))).toBe(false)
            if (rank > 0) expect(fronts[rank - 1]?.some((b) => dominates(at(b), at(a)))).toBe(true)
          }
        })
      }),
      { numRuns: 200, seed: 4 },
    )
  })

  it('finds the ends of a front alone, and its crowd crowded', () => {
    const [first, crowd, middle, last] = crowdingDistances([
      [0, 10],
      [1, 9],
      [2, 8],
      [10, 0],
    ])
    expect([first, last]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
    expect(middle).toBeGreaterThan(crowd ?? 0)
  })

  it('thins a front without losing its ends', () => {
    const front = Array.from({ length: 200 }, (_, i) => [i, 199 - i])
    const thin = thinFront(front, (one) => one, 20)
    expect(thin).toHaveLength(20)
    expect(thin).toEqual(expect.arrayContaining([front[0], front[199]]))
    expect(thinFront(front.slice(0, 5), (one) => one, 20)).toHaveLength(5)
  })
})

describe('evolve', () => {
  /** Two valleys: nearness to (0, 0, 0) and to (9, 9, 9). */
  const run = (seed: number, looked = new Set<string>()) =>
    evolve({
      cardinalities: [10, 10, 10],
      initial: [[4, 0, 9]],
      random: createSeededRandom(seed),
      populationSize: 24,
      mostGenerations: 60,
      develop: (genes) => {
        looked.add(genes.join())
        const from = (target: number) => genes.reduce((sum, gene) => sum + Math.abs(gene - target), 0)
        return { key: genes.join(), genes, score: { objectives: [from(0), from(9)], violation: 0, genes } }
      },
      isDone: () => false,
    })

  it('needs two to breed, and keeps what it was given otherwise', () => {
    expect(run(1)).toHaveLength(1)
  })

  it('spreads over the whole front, the same for the same seed', () => {
    const grow = (seed: number) =>
      evolve({
        cardinalities: [20],
        initial: [[9], [10]],
        random: createSeededRandom(seed),
        populationSize: 12,
        mostGenerations: 40,
        develop: (genes) => ({
          key: genes.join(),
          genes,
          score: { objectives: [genes[0] ?? 0, 19 - (genes[0] ?? 0)], violation: 0 },
        }),
        isDone: () => false,
      }).map(({ objectives }) => objectives[0])
    const found = grow(5)
    expect(found).toEqual(expect.arrayContaining([0, 19]))
    expect(grow(5)).toEqual(found)
    expect(isBetter([1], [2])).toBe(true)
  })

  it('never looks at what it may not', () => {
    const found = evolve<Score>({
      cardinalities: [20],
      initial: [[0], [1], [2]],
      random: createSeededRandom(3),
      populationSize: 8,
      mostGenerations: 20,
      develop: (genes) =>
        (genes[0] ?? 0) > 4 ? undefined : { key: genes.join(), genes, score: held(-(genes[0] ?? 0)) },
      isDone: () => false,
    })
    expect(found[0]?.objectives).toEqual([-4])
  })
})
