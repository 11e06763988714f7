/**
 * Which configurations hold the limits, best first, and why the others do not. Exhaustive: predictions take
 * microseconds and a cluster offers a few thousand configurations, so nothing is left to chance or to a heuristic.
 */
import type { Candidate, Deployment, Reason, RejectedGroup, Workload } from '@bud/kernel'
import { DEFAULT_CONCURRENCY } from '../../domain/replica-service.ts'
import { evaluateShape, type Refused } from './evaluate-shape.ts'
import { explainCandidate, explainMiss } from './explain.ts'
import { listShapes, VARIANTS_PER_SHAPE } from './list-shapes.ts'
import { nearestMisses, remedyFor, totalExcess } from './nearest-misses.ts'
import { rankCandidates } from './rank-candidates.ts'
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
  for (const { reason, count, example } of refused) groups.add(reason, count, example, distanceOf(reason, example))
  for (const miss of missed) {
    const worst = miss.misses.reduce((a, b) => (b.excess > a.excess ? b : a))
    groups.add(worst.reason, 1, miss.deployment, totalExcess(miss))
  }
  const ranked = rankCandidates(feasible, query.objective, MOST_CANDIDATES)
  const nearest = ranked.length > 0 ? [] : nearestMisses(missed, refused, query, MOST_NEAREST_MISSES)
  return {
    candidates: ranked.map((candidate) =>
      toCandidate(candidate, explainCandidate(candidate, ranked[0] ?? candidate, query)),
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

/** The example to show: of those too large for memory the one over most GPUs, else the smallest. */
const distanceOf = (reason: Reason, example: Deployment): number =>
  reason.code === 'gpu-memory-exceeded' ? -example.resources.gpu_count : example.resources.gpu_count

/** Groups by reason and, where the GPU type is the point, by type; the example is the closest one. */
function createRejectedGroups() {
  const groups = new Map<string, RejectedGroup & { excess: number }>()
  return {
    add(reason: Reason, count: number, example: Deployment, excess: number): void {
      const key = `${reason.code} ${example.resources.gpu_type}`
      const known = groups.get(key)
      if (!known) groups.set(key, { reason, count, example, excess })
      else if (excess < known.excess) groups.set(key, { reason, count: known.count + count, example, excess })
      else known.count += count
    },
    list: (): RejectedGroup[] =>
      [...groups.values()]
        .sort((a, b) => b.count - a.count)
        .map(({ reason, count, example }) => ({ reason, count, example })),
  }
}
