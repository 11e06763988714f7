/** What a search found, as people read it: the recommended, the others, the trade-offs, and why the rest was turned down. */
import type { Candidate, RejectedGroup, SmallerSibling, Targets } from '@bud/kernel'
import { heading, ms, parameters, reasons, table, trim, usd } from '../output.ts'
import { candidateTable, describeCandidate, layoutOf } from './prediction-view.ts'
import { scatter } from './scatter.ts'

export interface SearchView {
  model: { name: string }
  /** Where it was searched: a cluster's name, or the GPUs. */
  place: string
  targets: Targets
  method: string
  searched: number
  elapsed_ms: number
  candidates: Candidate[]
  nearest_misses: Candidate[]
  rejected: RejectedGroup[]
  pareto?: Candidate[] | undefined
  sibling?: SmallerSibling | null | undefined
}

export function describeSearch(view: SearchView): string {
  const [best] = view.candidates
  const searched = `${view.searched} configurations in ${trim(view.elapsed_ms)} ms (${view.method})`
  return [
    heading(`${view.model.name} on ${view.place}: ${searched}`),
    ...(best ? [describeCandidate(best), '', candidateTable(view.candidates)] : describeInfeasible(view)),
    ...describePareto(view.pareto ?? [], best),
    ...describeSibling(view.sibling ?? null),
    ...(view.rejected.length > 0 ? ['', `Turned down:\n${reasons(rejectedLines(view.rejected))}`] : []),
  ].join('\n')
}

function describeInfeasible({ targets, place, nearest_misses: misses }: SearchView): string[] {
  const stated = Object.values(targets).some((value) => value !== undefined)
  const verdict = stated ? 'Nothing holds these targets.' : `No configuration can serve this on ${place}.`
  if (misses.length === 0) return [verdict]
  return [`${verdict} The nearest:`, candidateTable(misses), ...misses.slice(0, 3).map((miss) => `  ${miss.why}`)]
}

const MARKS = '123456789abcdefghijklmnopqrstuvwxyz'
const RECOMMENDED = '★'
const MOST_POINTS = 12

/** Cost against throughput; GPUs against it where a price is missing. */
function describePareto(front: readonly Candidate[], best: Candidate | undefined): string[] {
  if (front.length < 2) return []
  const priced = front.every(({ prediction }) => prediction.cost_usd_per_hour !== null)
  const costOf = ({ prediction }: Candidate) => (priced ? (prediction.cost_usd_per_hour ?? 0) : prediction.gpus)
  const isBest = (one: Candidate) =>
    best !== undefined && JSON.stringify(one.deployment) === JSON.stringify(best.deployment)
  // Within a tie of two per cent the recommended one may stand a hair behind the front: it is shown all the same.
  const others = thinned(
    front.filter((one) => !isBest(one)),
    MOST_POINTS,
  ).map((one, i) => ({ one, mark: MARKS[i] ?? '+' }))
  const marked = best === undefined ? others : [{ one: best, mark: RECOMMENDED }, ...others]
  const plot = scatter(
    marked.map(({ one, mark }) => ({ x: costOf(one), y: one.prediction.max_output_tokens_per_s.value, mark })),
    { name: priced ? '$ per hour' : 'GPUs', format: (value) => (priced ? usd(value) : trim(value)) },
    { name: 'output tok/s at most', format: trim },
  )
  const rows = marked.map(({ one: { deployment: d, prediction: p }, mark }) => [
    mark,
    d.runtime,
    `${d.replicas} × ${d.resources.gpu_count} ${d.resources.gpu_type}`,
    layoutOf(d),
    ms(p.ttft_ms_p99.value),
    ms(p.e2e_ms_p99.value),
    trim(p.max_output_tokens_per_s.value),
    p.cost_usd_per_hour === null ? '–' : usd(p.cost_usd_per_hour),
  ])
  const legend = table(['', 'RUNTIME', 'REPLICAS', 'LAYOUT', 'TTFT P99', 'E2E P99', 'MOST TOK/S', '$/H'], rows)
  return ['', `Nothing is cheaper, faster and of higher throughput at once than these ${front.length}:`, plot, legend]
}

/** At most so many, the first and the last among them. */
function thinned<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  const places = new Set(Array.from({ length: most }, (_, i) => Math.round((i * (items.length - 1)) / (most - 1))))
  return items.filter((_, i) => places.has(i))
}

function describeSibling(sibling: SmallerSibling | null): string[] {
  if (!sibling) return []
  const name = `${sibling.model} (${parameters(sibling.parameter_count)})`
  const { candidate } = sibling
  if (!candidate) return ['', `Start smaller? ${name} does not hold the targets either.`]
  const { deployment, prediction } = candidate
  const where = `${deployment.replicas} × (${layoutOf(deployment)}) on ${deployment.resources.gpu_type}`
  const figures = `${usd(prediction.cost_usd_per_hour)} per hour, ${trim(prediction.output_tokens_per_s.value)} tok/s`
  return ['', `Start smaller? ${name} would do it with ${deployment.runtime}, ${where}: ${figures}.`]
}

/** Groups that read alike are one line. */
function rejectedLines(groups: readonly RejectedGroup[]) {
  const merged = new Map<string, RejectedGroup>()
  for (const group of groups) {
    const key = reasons([group.reason])
    merged.set(key, { ...group, count: group.count + (merged.get(key)?.count ?? 0) })
  }
  return [...merged.values()].map(({ count, reason: { path: _path, ...reason } }) => ({
    ...reason,
    message: `${count} configuration${count === 1 ? '' : 's'}: ${reason.message}`,
  }))
}
