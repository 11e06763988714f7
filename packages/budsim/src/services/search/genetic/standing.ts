/** How outcomes compare before all is known: what holds the limits by rank, then what misses them by the least. */
import type { Outcome, ShapeState } from '../evaluator.ts'
import { gpusOfLayout } from '../list-shapes.ts'
import { compareRanked, type Ranked, type Ranking, toRanked } from '../rank-candidates.ts'
import type { Evaluated } from '../search-types.ts'

export interface Standing {
  ranked: Ranked<Evaluated> | undefined
  violation: number
}

/** Of the best of them. */
export function standingOf(outcomes: readonly (Outcome | undefined)[], ranking: Ranking): Standing {
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

export function compareStandings(a: Standing, b: Standing): number {
  if (a.ranked && b.ranked) return compareRanked(a.ranked, b.ranked)
  return a.violation === b.violation ? 0 : a.violation - b.violation
}

/** 2: a layout could be better than the best, 1: as good, 0: by cost it is dearer whatever its batch limits. */
export function promiseOf(state: ShapeState, { ranked }: Standing, { objective }: Ranking): number {
  if (objective !== 'cost' || !ranked) return 2
  const { cost_usd_per_hour: cost, gpus } = ranked.candidate.prediction
  const least = state.costOfOne
  // What has no price stands behind what has one, by size.
  if (cost === null || least === null) {
    return least !== null ? 2 : cost !== null ? 0 : 1 + Math.sign(gpus - gpusOfLayout(state.shape))
  }
  return 1 + Math.sign(cost - least)
}
