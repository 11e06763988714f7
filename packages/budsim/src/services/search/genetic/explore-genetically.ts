/**
 * NSGA-II on cost, latency and throughput together, then a certificate: from the best it found, every change of one
 * gene until none is better, and every variant of the best layouts. It looks at a set share of the space.
 */
import { evolve, type Genes } from '../../../domain/nsga/evolve.ts'
import type { Score } from '../../../domain/nsga/non-dominated.ts'
import { createSeededRandom } from '../../../domain/trees/seeded-random.ts'
import type { Evaluator, Outcome, ShapeState } from '../evaluator.ts'
import { paretoObjectives } from '../pareto.ts'
import type { Ranking } from '../rank-candidates.ts'
import { type Certificate, climb } from './climb.ts'
import { createGenome, type Genome } from './genes.ts'
import { compareStandings, promiseOf, standingOf } from './standing.ts'

/** Of the space: the first generation, all of evolution, and the whole search at most. */
const SHARE = { first: 0.08, evolution: 0.12, whole: 0.29 }
/** Looked at in any case, where the space is so small that a share of it is nothing. */
const LEAST = 20
const POPULATION = { least: 16, most: 64 }
const MOST_GENERATIONS = 60
/** Generations without anything new before it is over. */
const PATIENCE = 6

interface Individual extends Score {
  state: number
}

export interface GeneticReport {
  seed: number
  /** Configurations that evolution looked at. */
  evolved: number
  certificate: Certificate
  /** Layouts of which every variant was looked at. */
  wholeLayouts: number
  /** They are all that could be better than the best. */
  isProven: boolean
}

export function exploreGenetically(evaluator: Evaluator, ranking: Ranking, seed: number): GeneticReport {
  const { states } = evaluator
  const space = states.reduce((sum, { variants }) => sum + variants.length, 0)
  const random = createSeededRandom(seed)
  const genome = createGenome(states)
  const limit = Math.ceil(space * SHARE.evolution)
  const initial = firstGeneration(states, genome, random, Math.ceil(space * SHARE.first))
  let seen = 0
  let stale = 0
  evolve<Individual>({
    cardinalities: genome.cardinalities,
    initial,
    random,
    populationSize: Math.min(Math.max(states.length, POPULATION.least), POPULATION.most),
    mostGenerations: MOST_GENERATIONS,
    develop(genes) {
      const { state, variant } = genome.locate(genes)
      const found = states[state]
      if (!found || (found.outcomes[variant] === undefined && evaluator.evaluated >= limit)) return undefined
      const outcome = evaluator.evaluate(found, variant)
      return { key: `${state} ${variant}`, genes: genome.genesOf(state, variant), score: toScore(outcome, state) }
    },
    isDone() {
      stale = evaluator.evaluated > seen ? 0 : stale + 1
      seen = evaluator.evaluated
      return stale >= PATIENCE || evaluator.evaluated >= limit
    },
  })
  const evolved = evaluator.evaluated
  return { seed, evolved, ...certify(evaluator, ranking, genome, Math.max(space * SHARE.whole, LEAST)) }
}

/** The roomiest variant of each layout, or of randomly chosen ones where there are more than may be looked at. */
function firstGeneration(states: readonly ShapeState[], genome: Genome, random: () => number, most: number): Genes[] {
  return states
    .map((state, index) => ({ state, index, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, most)
    .map(({ state, index }) => genome.genesOf(index, 1 % state.variants.length))
}

function toScore(outcome: Outcome, state: number): Individual {
  switch (outcome.kind) {
    case 'feasible':
      return { state, violation: 0, objectives: paretoObjectives(outcome.best) }
    case 'behind':
      // It may hold the limits with more replicas than a variant of its layout: worse than that one, no more is known.
      return { state, violation: 1e-6, objectives: paretoObjectives(outcome.best) }
    case 'missed':
      return { state, violation: outcome.violation, objectives: [] }
  }
}

function certify(
  evaluator: Evaluator,
  ranking: Ranking,
  genome: Genome,
  limit: number,
): Pick<GeneticReport, 'certificate' | 'wholeLayouts' | 'isProven'> {
  const { states } = evaluator
  const certificate = climb(evaluator, ranking, genome, limit)
  for (const { state } of promising(states, ranking)) {
    const open = state.variants.filter((_, index) => state.outcomes[index] === undefined).length
    if (evaluator.evaluated + open > limit) break
    evaluateAll(evaluator, state)
  }
  const better = promising(states, ranking).filter(({ promise }) => promise > 1)
  return {
    certificate,
    wholeLayouts: states.filter(isWhole).length,
    isProven: better.every(({ state }) => isWhole(state)),
  }
}

const isWhole = ({ variants, outcomes }: ShapeState): boolean => variants.every((_, index) => outcomes[index])

/** Layouts that are not surely worse than the best, those first that could be better, each lot by what is known. */
function promising(states: readonly ShapeState[], ranking: Ranking): { state: ShapeState; promise: number }[] {
  const ordered = inOrder(states, ranking)
  const standing = standingOf(ordered[0]?.outcomes ?? [], ranking)
  return ordered
    .map((state) => ({ state, promise: promiseOf(state, standing, ranking) }))
    .filter(({ promise }) => promise > 0)
    .sort((a, b) => b.promise - a.promise)
}

function evaluateAll(evaluator: Evaluator, state: ShapeState): void {
  state.variants.forEach((_, index) => {
    evaluator.evaluate(state, index)
  })
}

const inOrder = (states: readonly ShapeState[], ranking: Ranking): ShapeState[] =>
  states
    .map((state) => ({ state, ...standingOf(state.outcomes, ranking) }))
    .sort(compareStandings)
    .map(({ state }) => state)
