/**
 * The configurations of which none is cheaper, faster and of higher throughput at once. An unknown price cannot be
 * compared with a known one: GPU types without a price form a front of their own, by GPU count.
 */
import { isBetter, thinFront } from '../../domain/nsga/non-dominated.ts'
import { violationOf } from './assess-targets.ts'
import type { Evaluator, ShapeState } from './evaluator.ts'
import type { Limits } from './limits.ts'
import { layoutKey } from './rank-candidates.ts'
import type { Evaluated } from './search-types.ts'

const MOST_POINTS = 50
/** Points whose other replica counts are looked at. */
const MOST_EXPANDED = 16

/** Cost per hour (GPUs where unknown), end-to-end latency at the 99th percentile, throughput; smaller is better. */
export const paretoObjectives = ({ prediction }: Evaluated): number[] => [
  prediction.cost_usd_per_hour ?? prediction.gpus,
  prediction.e2e_ms_p99.value,
  -prediction.max_output_tokens_per_s.value,
]

/** Cheapest first, then those of unknown price by size. */
export function paretoFront(
  feasible: readonly Evaluated[],
  evaluator: Pick<Evaluator, 'at' | 'states'>,
  limits: Limits,
): Evaluated[] {
  const front = nonDominated(feasible)
  const states = new Map(
    evaluator.states.flatMap((state) =>
      state.variants[0] ? [[layoutKey({ deployment: state.variants[0] }), state] as const] : [],
    ),
  )
  const more = thinFront(front, paretoObjectives, MOST_EXPANDED).flatMap((one) => {
    const state = states.get(layoutKey(one))
    return state ? otherReplicas(one, state, evaluator, limits) : []
  })
  const whole = thinFront(nonDominated([...front, ...more]), paretoObjectives, MOST_POINTS)
  return whole.sort((a, b) => isUnpriced(a) - isUnpriced(b) || (keyOrder(a, b) < 0 ? -1 : 1))
}

/**
 * Ranking takes figures within a tie as equal, so the best may stand a hair behind the front: a variant of the same
 * layout and size that is no worse in anything takes its place.
 */
export function ontoFront(ranked: readonly Evaluated[], front: readonly Evaluated[]): Evaluated[] {
  const [best, ...others] = ranked
  if (!best) return []
  const own = paretoObjectives(best)
  const alike = front.filter(
    (point) => layoutKey(point) === layoutKey(best) && point.deployment.replicas === best.deployment.replicas,
  )
  const isIt = ({ deployment }: Evaluated) =>
    deployment.config.max_num_seqs === best.deployment.config.max_num_seqs &&
    deployment.config.max_num_batched_tokens === best.deployment.config.max_num_batched_tokens
  const noWorse = (point: Evaluated) => isBetter(paretoObjectives(point), own) || isSame(paretoObjectives(point), own)
  return [alike.find(isIt) ?? alike.find(noWorse) ?? best, ...others]
}

const isUnpriced = ({ prediction }: Evaluated): number => (prediction.cost_usd_per_hour === null ? 1 : 0)

function keyOrder(a: Evaluated, b: Evaluated): number {
  const [left, right] = [paretoObjectives(a), paretoObjectives(b)]
  for (const [index, value] of left.entries()) if (value !== right[index]) return value - (right[index] ?? 0)
  return 0
}

/** The same configuration at doubled replica counts, from one to all that room and budget allow. */
function otherReplicas(
  one: Evaluated,
  { shape, affordable }: ShapeState,
  { at }: Pick<Evaluator, 'at'>,
  limits: Limits,
): Evaluated[] {
  const counts = new Set([affordable])
  for (let replicas = 1; replicas < affordable; replicas *= 2) counts.add(replicas)
  counts.delete(one.deployment.replicas)
  return [...counts]
    .map((replicas) => at(shape, one.deployment, replicas))
    .filter(({ prediction }) => violationOf(limits.performance, prediction) === 0)
}

/** By the first objective, so that each is compared with the front so far alone. */
function nonDominated(points: readonly Evaluated[]): Evaluated[] {
  const front: { one: Evaluated; objectives: number[] }[] = []
  const sorted = points
    .map((one) => ({ one, objectives: paretoObjectives(one) }))
    .sort((a, b) => keyOrder(a.one, b.one))
  for (const point of sorted) {
    const beaten = front.some(
      (other) =>
        isUnpriced(other.one) === isUnpriced(point.one) &&
        (isBetter(other.objectives, point.objectives) || isSame(other.objectives, point.objectives)),
    )
    if (!beaten) front.push(point)
  }
  return front.map(({ one }) => one)
}

const isSame = (a: readonly number[], b: readonly number[]): boolean => a.every((value, index) => value === b[index])
