/**
 * Which configurations hold the limits, best first, and why the others do not. Predictions take microseconds and a
 * cluster offers a few thousand configurations: all of them are looked at where that is quick, else a genetic search
 * chooses; the answer says which (explore.ts).
 */

import type { Candidate, Reason, Workload } from '@bud/kernel'
import { DEFAULT_CONFIDENCE } from '@bud/kernel'

import { estimateMemory, isShortOfMemory } from '../../domain/memory-fit.ts'
import { DEFAULT_CONCURRENCY } from '../../domain/service/replica-service.ts'
import { checkQuery, remarksOn } from './check-query.ts'
import { type Collected, collect } from './collect.ts'
import { createEvaluator } from './evaluator.ts'
import { type Context, explainCandidate, explainMiss, explainPoint } from './explain.ts'
import { DEFAULT_SEED, explore, spaceOf } from './explore.ts'
import { createLimits } from './limits.ts'
import { listShapes } from './list-shapes.ts'
import { memoryExcess, nearestMisses } from './nearest-misses.ts'
import { ontoFront, paretoFront } from './pareto.ts'
import { notComparedByCost } from './price-reasons.ts'
import { type Ranking, rankCandidates } from './rank-candidates.ts'
import { type Refused, sortOut } from './refuse.ts'
import { createRejectedGroups, type RejectedGroups } from './rejected-groups.ts'
import { remediesFor } from './remedies.ts'
import type { Evaluated, SearchQuery, SearchResult } from './search-types.ts'
import { searchSibling } from './sibling.ts'
import { trimReplicas } from './trim-replicas.ts'

const MOST_CANDIDATES = 20

/**
 * `nowMs` is a monotonic clock for `elapsed_ms`; the answer depends on the query alone. Throws invalid-input where the
 * question cannot be meant.
 */
export function searchConfigurations(given: SearchQuery, nowMs: () => number = () => performance.now()): SearchResult {
  checkQuery(given)
  const started = nowMs()
  const query = { ...given, workload: statedLoad(given) }
  const confidence = query.confidence ?? DEFAULT_CONFIDENCE
  const limits = createLimits(query.targets, query.workload, confidence)
  const ranking: Ranking = { objective: query.objective, workload: query.workload }
  const { runnable, refused, total } = sortOut(query, listShapes(query))
  const evaluator = createEvaluator(query, limits, runnable)
  const proof = explore(evaluator, ranking, query.search ?? 'auto', query.seed ?? DEFAULT_SEED)
  const found = collect(evaluator.states)
  const { listed, outranked } = rankCandidates(found.feasible, ranking, MOST_CANDIDATES)
  const groups = groupRejected(query, refused, found, outranked)
  const front = paretoFront(found.feasible, evaluator, limits)
  const ranked = ontoFront(trimReplicas(listed, evaluator, limits, ranking), front)
  const infeasible = ranked.length > 0 ? [] : nearestMisses(found.missed, refused, query, limits)
  const remedies = infeasible.map((miss) => remediesFor(miss, query, limits))
  const context: Context = { ...query, limits, somePriceUnknown: groups.has('price-unknown') }
  const remarks = remarksOn(query)
  return {
    candidates: ranked.map((one) => toCandidate(one, explainCandidate(one, ranked[0] ?? one, context, remarks))),
    nearest_misses: infeasible.map((miss, index) =>
      toCandidate(miss, explainMiss(miss, remedies[index] ?? [], query.targets)),
    ),
    rejected: groups.list(),
    searched: total - spaceOf(evaluator) + evaluator.evaluated,
    method: `${proof}, ${query.predictor.id}${loadNote(given.workload, query.workload)}`,
    feasible: ranked.length > 0,
    pareto: front.map((point) => toCandidate(point, explainPoint(point, front, ranked[0] ?? point, context))),
    sibling: query.sibling ? searchSibling(query, query.sibling, searchConfigurations) : null,
    confidence,
    remarks,
    remedies,
    space: spaceOf(evaluator),
    evaluated: evaluator.evaluated,
    elapsed_ms: nowMs() - started,
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

function groupRejected(
  query: SearchQuery,
  refused: readonly Refused[],
  found: Collected,
  outranked: readonly Evaluated[],
): RejectedGroups {
  const groups = createRejectedGroups()
  for (const one of refused) groups.add(one.reason, one.count, one.example, distanceOf(one, query))
  for (const { reason, example, violation } of found.rejected) groups.add(reason, 1, example, violation)
  for (const [rank, one] of [...outranked, ...found.behind].entries()) {
    groups.add(reasonBehind(one, query), 1, one.deployment, rank)
  }
  return groups
}

/** The example to show: of those too large for memory the one least short of it, else the smallest. */
const distanceOf = ({ reason, example, shape }: Refused, { facts }: SearchQuery): number =>
  isShortOfMemory(reason)
    ? memoryExcess(estimateMemory({ facts, deployment: example, gpu: shape.gpu }))
    : example.resources.gpu_count

/** Why a configuration that may hold the limits is not listed. */
function reasonBehind({ deployment, prediction }: Evaluated, { objective }: SearchQuery): Reason {
  if (objective === 'cost' && prediction.cost_usd_per_hour === null) {
    return notComparedByCost(deployment.resources.gpu_type)
  }
  return {
    code: 'outranked',
    message: `No better by ${objective} than those listed, which are the best of each engine, GPU type, layout and number format, at most ${MOST_CANDIDATES} in all.`,
    path: 'objective',
  }
}
