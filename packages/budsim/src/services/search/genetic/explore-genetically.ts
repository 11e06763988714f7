/**
 * NSGA-II on cost, latency and throughput together, then a certificate: from the best it found, every change of one
 * gene until none is better, and every variant of the best layouts. It looks at a set share of the space.
 */
import { evolve, type Genes } from '../../../domain/nsga/evolve.ts'
import type { Score } from '../../../domain/nsga/non-dominated.ts'
import { createSeededRandom } from '../../../domain/trees/seeded-random.ts'
import type { Evaluator, Outcome, ShapeState } from '../evaluator.ts'
import { paretoObjectives } from '../pareto.ts'
import { compareRanked, type Ranked, type Ranking, toRanked } from '../rank-candidates.ts'
import type { Evaluated } from '../search-types.ts'
import { createGenome, type Genome } from './genes.ts'

/** Of the space: the first generation, all of evolution, and the whole search at most. */
const SHARE = { first: 0.1, evolution: 0.17, whole: 0.28 }
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
  /** No change of a single setting improves the best. */
  isLocallyBest: boolean
  /** Layouts of which every variant was looked at. */
  wholeLayouts: number
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

/** The roomiest variant of each layout, or of evenly chosen ones where there are more than may be looked at. */
function firstGeneration(states: readonly ShapeState[], genome: Genome, random: () => number, most: number): Genes[] {
  const every = Math.max(states.length / most, 1)
  const offset = random() * (every - 1)
  const chosen = Array.from({ length: Math.floor(states.length / every) }, (_, i) => Math.floor(i * every + offset))
  return chosen.map((state) => genome.genesOf(state, 1 % (states[state]?.variants.length ?? 1)))
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
): Pick<GeneticReport, 'isLocallyBest' | 'wholeLayouts'> {
  const { states } = evaluator
  const isLocallyBest = climb(evaluator, ranking, genome, limit)
  for (const state of inOrder(states, ranking)) {
    const open = state.variants.filter((_, index) => state.outcomes[index] === undefined).length
    if (evaluator.evaluated + open > limit) break
    evaluateAll(evaluator, state)
  }
  const whole = states.filter(({ variants, outcomes }) => variants.every((_, index) => outcomes[index]))
  return { isLocallyBest, wholeLayouts: whole.length }
}

/** Changes one gene at a time of the best known, to every value it can have; true when nothing gets better any more. */
function climb(evaluator: Evaluator, ranking: Ranking, genome: Genome, limit: number): boolean {
  const { states } = evaluator
  for (let from = ''; ; ) {
    const [state] = inOrder(states, ranking)
    if (!state) return false
    const genes = genome.genesOf(states.indexOf(state), bestVariant(state, ranking))
    if (genes.join() === from) return true
    from = genes.join()
    for (const [gene, values] of genome.cardinalities.entries()) {
      for (let value = 0; value < values; value++) {
        const { state: index, variant } = genome.locate(genes.with(gene, value))
        const near = states[index]
        if (!near || near.outcomes[variant] !== undefined) continue
        if (evaluator.evaluated >= limit) return false
        evaluator.evaluate(near, variant)
      }
    }
  }
}

function evaluateAll(evaluator: Evaluator, state: ShapeState): void {
  state.variants.forEach((_, index) => {
    evaluator.evaluate(state, index)
  })
}

const inOrder = (states: readonly ShapeState[], ranking: Ranking): ShapeState[] =>
  states
    .map((state) => ({ state, ...standingOf(state, ranking) }))
    .sort(compareStandings)
    .map(({ state }) => state)

/** By rank among those that hold the limits, else by what is missed. */
function bestVariant({ outcomes }: ShapeState, ranking: Ranking): number {
  const standings = outcomes.map((outcome, index) => ({ index, ...standingOf({ outcomes: [outcome] }, ranking) }))
  return standings.sort(compareStandings)[0]?.index ?? 0
}

interface Standing {
  ranked: Ranked<Evaluated> | undefined
  violation: number
}

function standingOf({ outcomes }: Pick<ShapeState, 'outcomes'>, ranking: Ranking): Standing {
  let ranked: Ranked<Evaluated> | undefined
  let violation = Number.POSITIVE_INFINITY
  for (const outcome of outcomes) {
    if (outcome?.kind === 'feasible') {
      const one = toRanked(outcome.best, ranking)
      if (!ranked || compareRanked(one, ranked) < 0) ranked = one
      violation = 0
    } else if (outcome?.kind === 'missed') violation = Math.min(violation, outcome.violation)
  }
  return { ranked, violation }
}

/** Feasible ones by rank, then those that miss least. */
function compareStandings(a: Standing, b: Standing): number {
  if (a.ranked && b.ranked) return compareRanked(a.ranked, b.ranked)
  return a.violation === b.violation ? 0 : a.violation - b.violation
}
