/**
 * NSGA-II on cost, latency and throughput together, then a certificate: every variant of the best layouts it found.
 * It starts from one variant of every layout, so that no layout is overlooked, and looks at a set share of the space.
 */
import { evolve, type Genes } from '../../../domain/nsga/evolve.ts'
import type { Score } from '../../../domain/nsga/non-dominated.ts'
import { createSeededRandom } from '../../../domain/trees/seeded-random.ts'
import type { Evaluator, Outcome, ShapeState } from '../evaluator.ts'
import { paretoObjectives } from '../pareto.ts'
import { compareRanked, type Ranked, type Ranking, toRanked } from '../rank-candidates.ts'
import type { Evaluated } from '../search-types.ts'
import { createGenome, type Genome } from './genes.ts'

/** Of the space: what the whole search, and what its evolution, looks at. */
const SHARE = { whole: 0.3, evolution: 0.18 }
const POPULATION = { least: 16, most: 64 }
const MOST_GENERATIONS = 60
/** Generations without anything new before it is over. */
const PATIENCE = 6

interface Individual extends Score {
  state: number
}

export interface GeneticReport {
  seed: number
  /** Configurations evolution looked at, and layouts of which then every variant was. */
  evolved: number
  certifiedLayouts: number
}

export function exploreGenetically(evaluator: Evaluator, ranking: Ranking, seed: number): GeneticReport {
  const { states } = evaluator
  const space = states.reduce((sum, { variants }) => sum + variants.length, 0)
  const random = createSeededRandom(seed)
  const genome = createGenome(states)
  const limit = Math.floor(space * SHARE.evolution)
  const initial = firstGeneration(states, genome, random, Math.max(limit, POPULATION.least))
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
      if (!found) throw new RangeError('No layout can run')
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
  return { seed, evolved, certifiedLayouts: certify(evaluator, ranking, Math.floor(space * SHARE.whole)) }
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

/** Every variant of the best layouts, best first, as far as the share goes; at least of one. */
function certify(evaluator: Evaluator, ranking: Ranking, limit: number): number {
  const done = new Set<ShapeState>()
  for (;;) {
    const best = bestOpenState(evaluator.states, done, ranking)
    if (!best) return done.size
    const open = best.variants.filter((_, index) => best.outcomes[index] === undefined).length
    if (done.size > 0 && evaluator.evaluated + open > limit) return done.size
    best.variants.forEach((_, index) => {
      evaluator.evaluate(best, index)
    })
    done.add(best)
  }
}

/** By what is known so far: feasible ones by rank, then those that miss least. */
function bestOpenState(
  states: readonly ShapeState[],
  done: ReadonlySet<ShapeState>,
  ranking: Ranking,
): ShapeState | undefined {
  let best: { state: ShapeState; ranked: Ranked<Evaluated> | undefined; violation: number } | undefined
  for (const state of states) {
    if (done.has(state)) continue
    const one = { state, ...standingOf(state, ranking) }
    if (!best || isAhead(one, best)) best = one
  }
  return best?.state
}

interface Standing {
  ranked: Ranked<Evaluated> | undefined
  violation: number
}

function standingOf({ outcomes }: ShapeState, ranking: Ranking): Standing {
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

function isAhead(a: Standing, b: Standing): boolean {
  if (a.ranked && b.ranked) return compareRanked(a.ranked, b.ranked) < 0
  return a.violation < b.violation
}
