/**
 * Which configurations hold the limits, best first, and why the others do not. Exhaustive: predictions take
 * microseconds and a cluster offers a few thousand configurations, so nothing is left to chance or to a heuristic.
 */
import type { Candidate, ModelFacts, Objective, Reason, Workload } from '@bud/kernel'
import { estimateMemory, isShortOfMemory } from '../../domain/memory-fit.ts'
import { DEFAULT_CONCURRENCY } from '../../domain/replica-service.ts'
import { evaluateShape, type Refused } from './evaluate-shape.ts'
import { explainCandidate, explainMiss } from './explain.ts'
import { listShapes, VARIANTS_PER_SHAPE } from './list-shapes.ts'
import { memoryExcess, nearestMisses, remedyFor, totalExcess } from './nearest-misses.ts'
import { notComparedByCost } from './price-reasons.ts'
import { rankCandidates } from './rank-candidates.ts'
import { createRejectedGroups } from './rejected-groups.ts'
import type { Evaluated, MissedBy, SearchQuery, SearchResult } from './search-types.ts'

const MOST_CANDIDATES = 20
const MOST_NEAREST_MISSES = 5

/** `nowMs` is a monotonic clock for `elapsed_ms`; the answer depends on the query alone. */
export function searchConfigurations(given: SearchQuery, nowMs: () => number = () => performance.now()): SearchResult {
  const started = nowMs()
  const query = { ...given, workload: statedLoad(given) }
  const feasible: Evaluated[] = []
  const missed: MissedBy[] = []
  const refused: Refused[] = []
  const groups = createRejectedGroups()
  const shapes = listShapes(query)
  for (const shape of shapes) {
    const outcome = evaluateShape(query, shape)
    feasible.push(...outcome.feasible)
    missed.push(...outcome.missed)
    refused.push(...outcome.refused)
  }
  for (const one of refused) groups.add(one.reason, one.count, one.example, distanceOf(one, query.facts))
  for (const miss of missed) {
    const worst = miss.misses.reduce((a, b) => (b.excess > a.excess ? b : a))
    groups.add(worst.reason, 1, miss.deployment, totalExcess(miss))
  }
  const { listed: ranked, outranked } = rankCandidates(feasible, query.objective, MOST_CANDIDATES)
  outranked.forEach((one, rank) => {
    groups.add(reasonBehind(one, query.objective), 1, one.deployment, rank)
  })
  const somePriceUnknown = groups.has('price-unknown')
  const nearest = ranked.length > 0 ? [] : nearestMisses(missed, refused, query, MOST_NEAREST_MISSES)
  return {
    candidates: ranked.map((candidate) =>
      toCandidate(candidate, explainCandidate(candidate, ranked[0] ?? candidate, { ...query, somePriceUnknown })),
    ),
    nearest_misses: nearest.map((miss) => toCandidate(miss, explainMiss(miss, remedyFor(miss, query)))),
    rejected: groups.list(),
    searched: shapes.length * VARIANTS_PER_SHAPE,
    elapsed_ms: nowMs() - started,
    method: `exhaustive, ${query.predictor.id}${loadNote(given.workload, query.workload)}`,
    feasible: ranked.length > 0,
  }
}

/** A wanted throughput without a stated load is the load: its requests per second. */
function statedLoad({ workload, targets }: SearchQuery): Workload {
  if (workload.concurrency !== undefined || workload.request_rate_per_s !== undefined) return workload
  return targets.tokens_per_s === undefined
    ? { ...workload, concurrency: DEFAULT_CONCURRENCY }
    : { ...workload, request_rate_per_s: targets.tokens_per_s / workload.output_tokens }
}

function loadNote(given: Workload, used: Workload): string {
  if (given.concurrency !== undefined || given.request_rate_per_s !== undefined) return ''
  return used.concurrency === undefined
    ? `; load taken from the wanted throughput: ${used.request_rate_per_s?.toFixed(2)} requests/s`
    : `; no load stated: ${used.concurrency} requests in flight assumed`
}

const toCandidate = ({ deployment, prediction }: Evaluated, why: string): Candidate => ({ deployment, prediction, why })

/** The example to show: of those too large for memory the one least short of it, else the smallest. */
const distanceOf = ({ reason, example, shape }: Refused, facts: ModelFacts): number =>
  isShortOfMemory(reason)
    ? memoryExcess(estimateMemory({ facts, deployment: example, gpu: shape.gpu }))
    : example.resources.gpu_count

/** Why a configuration that holds the limits is not listed. */
function reasonBehind({ deployment, prediction }: Evaluated, objective: Objective): Reason {
  if (objective === 'cost' && prediction.cost_usd_per_hour === null) {
    return notComparedByCost(deployment.resources.gpu_type)
  }
  return {
    code: 'outranked',
    message: `No better by ${objective} than those listed, which are the best of each engine, GPU type and layout, at most ${MOST_CANDIDATES} in all.`,
    path: 'objective',
  }
}
