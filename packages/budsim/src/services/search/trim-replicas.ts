/**
 * For latency, as many replicas as possible are predicted; those that make no difference are given back: the fewest
 * that hold the limits with the same latency, as ranking tells latencies apart.
 */
import { violationOf } from './assess-targets.ts'
import type { Evaluator } from './evaluator.ts'
import type { Limits } from './limits.ts'
import { compareRanked, layoutKey, type Ranking, rankKeys, toRanked } from './rank-candidates.ts'
import type { Evaluated } from './search-types.ts'

export function trimReplicas(
  listed: readonly Evaluated[],
  { states, at }: Pick<Evaluator, 'states' | 'at'>,
  limits: Limits,
  ranking: Ranking,
): Evaluated[] {
  if (ranking.objective !== 'latency') return [...listed]
  const trimmed = listed.map((one) => {
    const key = layoutKey(one)
    const state = states.find(({ variants: [first] }) => first && layoutKey({ deployment: first }) === key)
    return state ? trim(one, (replicas) => at(state.shape, one.deployment, replicas), limits, ranking) : one
  })
  return trimmed
    .map((one) => toRanked(one, ranking))
    .sort(compareRanked)
    .map(({ candidate }) => candidate)
}

/** By bisection: more replicas are never slower. */
function trim(most: Evaluated, at: (replicas: number) => Evaluated, limits: Limits, ranking: Ranking): Evaluated {
  const [latency] = rankKeys(most, ranking)
  let best = most
  let low = 1
  let high = most.deployment.replicas
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const candidate = at(middle)
    const [its] = rankKeys(candidate, ranking)
    if (its === latency && violationOf(limits.performance, candidate.prediction) === 0) {
      best = candidate
      high = middle
    } else low = middle + 1
  }
  return best
}
