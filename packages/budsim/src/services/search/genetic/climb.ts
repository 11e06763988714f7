/**
 * From the best known configuration uphill: one setting at a time to every value it can have, and its batch limits in
 * every layout that could be better, until nothing is. That nothing is, is what a genetic search certifies.
 */
import type { Evaluator } from '../evaluator.ts'
import type { Ranking } from '../rank-candidates.ts'
import type { Genome } from './genes.ts'
import { compareStandings, promiseOf, type Standing, standingOf } from './standing.ts'

/** What was looked at before `limit` evaluations were spent. */
export interface Certificate {
  /** Every change of one setting of the best. */
  changes: boolean
  /** The best's batch limits in every layout that could be better. */
  layouts: boolean
}

interface Place extends Standing {
  state: number
  variant: number
}

export function climb(evaluator: Evaluator, ranking: Ranking, genome: Genome, limit: number): Certificate {
  for (let best = bestKnown(evaluator, ranking); best; ) {
    const top = uphill(evaluator, ranking, genome, best, limit)
    if (!top) return { changes: false, layouts: false }
    const better = bestAcross(evaluator, ranking, genome, top, limit)
    if (!better) return { changes: true, layouts: false }
    if (better === top) return { changes: true, layouts: true }
    best = better
  }
  return { changes: false, layouts: false }
}

/** One gene after the other until no change of one is better; undefined when the limit is reached before. */
function uphill(evaluator: Evaluator, ranking: Ranking, genome: Genome, from: Place, limit: number): Place | undefined {
  let best = from
  for (let unchanged = 0, gene = 0; unchanged < genome.cardinalities.length; gene++) {
    const better = bestAlong(evaluator, ranking, genome, best, gene % genome.cardinalities.length, limit)
    if (!better) return undefined
    unchanged = better === best ? unchanged + 1 : 0
    best = better
  }
  return best
}

/** The best with these batch limits in any layout, the most alike first. */
function bestAcross(
  evaluator: Evaluator,
  ranking: Ranking,
  genome: Genome,
  from: Place,
  limit: number,
): Place | undefined {
  let best = from
  const order = evaluator.states
    .map((state, index) => ({ state, index, unlike: genome.differences(index, from.state) }))
    .filter(({ state }) => promiseOf(state, from, ranking) > 0)
    .sort((a, b) => a.unlike - b.unlike)
  for (const { state, index } of order) {
    const variant = genome.variantLike(index, from.state, from.variant)
    if (state.outcomes[variant] === undefined && evaluator.evaluated >= limit) return undefined
    const place = { state: index, variant, ...standingOf([evaluator.evaluate(state, variant)], ranking) }
    if (compareStandings(place, best) < 0) best = place
  }
  return best
}

/** The best of those that differ in one gene; `from` itself when none is better, undefined when the limit is reached. */
function bestAlong(
  evaluator: Evaluator,
  ranking: Ranking,
  genome: Genome,
  from: Place,
  axis: number,
  limit: number,
): Place | undefined {
  let best = from
  const genes = genome.genesOf(from.state, from.variant)
  for (let value = 0; value < (genome.cardinalities[axis] ?? 0); value++) {
    const { state, variant } = genome.locate(genes.with(axis, value))
    const near = evaluator.states[state]
    if (!near) continue
    if (near.outcomes[variant] === undefined && evaluator.evaluated >= limit) return undefined
    const place = { state, variant, ...standingOf([evaluator.evaluate(near, variant)], ranking) }
    if (compareStandings(place, best) < 0) best = place
  }
  return best
}

function bestKnown({ states }: Evaluator, ranking: Ranking): Place | undefined {
  let best: Place | undefined
  for (const [state, { outcomes }] of states.entries()) {
    for (const [variant, outcome] of outcomes.entries()) {
      const place = { state, variant, ...standingOf([outcome], ranking) }
      if (!best || compareStandings(place, best) < 0) best = place
    }
  }
  return best
}
