/**
 * What would make a nearest miss feasible. Each remedy is a change of the question, and is checked before it is said:
 * under it the configuration holds every limit.
 */
import type { Remedy, Targets, Workload } from '@bud/kernel'
import { HOURS_PER_MONTH } from '../../domain/price-book.ts'
import { violationOf } from './assess-targets.ts'
import { createLimits, hourlyBudget, type Limits } from './limits.ts'
import { gpusOfLayout } from './list-shapes.ts'
import type { Miss, MissedBy, SearchQuery } from './search-types.ts'

const MOST_REPLICAS_TRIED = 1024
/** How far a load is lowered in search of one that holds, and how finely. */
const LOWEST_LOAD_SHARE = 1 / 256
const LOAD_ROUNDS = 12
const DIGITS = 3

const isLimit = ({ constraint }: Miss): boolean => constraint !== 'load' && constraint !== 'room'

export function remediesFor(miss: MissedBy, query: SearchQuery, limits: Limits): Remedy[] {
  const room = miss.misses.find(({ constraint }) => constraint === 'room')
  const relaxed = relax(miss)
  if (room) {
    const gpus = { gpu_type: miss.shape.gpu.id, more: room.reached, together: gpusOfLayout(miss.shape) }
    const remedy = relaxed ? { gpus, targets: relaxed } : { gpus }
    return miss.misses.some(({ constraint }) => constraint === 'load') ? [] : keepHolding(miss, query, limits, [remedy])
  }
  return keepHolding(miss, query, limits, [
    lowerLoad(miss, query, limits, relaxed) ?? (relaxed ? { targets: relaxed } : {}),
    ...moreReplicas(miss, query, limits),
  ])
}

function keepHolding(miss: MissedBy, query: SearchQuery, limits: Limits, remedies: readonly Remedy[]): Remedy[] {
  return remedies.filter((remedy) => {
    if (Object.keys(remedy).length === 0) return false
    if (remedy.gpus && !miss.misses.some(({ constraint }) => constraint === 'room')) return true
    return holdsUnder(miss, query, limits, remedy)
  })
}

function holdsUnder(
  { deployment, shape }: MissedBy,
  { facts, predictor, workload, targets }: SearchQuery,
  { confidence }: Limits,
  remedy: Remedy,
): boolean {
  const load = { ...workload, ...remedy.workload }
  const { performance, budget } = createLimits({ ...targets, ...remedy.targets }, load, confidence)
  const prediction = predictor.predict({ facts, deployment, gpu: shape.gpu, workload: load })
  return violationOf([...performance, ...budget], prediction) === 0
}

/** Each limit that is missed, moved to a round figure that holds; undefined where none is. */
function relax({ misses }: MissedBy): Partial<Targets> | undefined {
  const limits = misses.filter(isLimit)
  if (limits.length === 0) return undefined
  return Object.fromEntries(
    limits.map(({ constraint, reached }) => [
      constraint,
      constraint === 'budget_usd_per_hour'
        ? toCents(reached)
        : constraint === 'budget_usd_per_month'
          ? toDollars(reached)
          : constraint === 'ttft_ms' || constraint === 'e2e_ms'
            ? roundTo(reached, Math.ceil)
            : roundTo(reached, Math.floor),
    ]),
  )
}

const toCents = (value: number): number => Math.ceil(value * 100 - 1e-6) / 100
const toDollars = (value: number): number => Math.ceil(value - 1e-6)

/** To three digits, outwards. */
function roundTo(value: number, round: (value: number) => number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - DIGITS + 1)
  const rounded = round(value / unit)
  return unit >= 1 ? rounded * unit : rounded / Math.round(1 / unit)
}

/** The largest share of the load under which it holds, other limits relaxed as they must be. */
function lowerLoad(
  miss: MissedBy,
  query: SearchQuery,
  limits: Limits,
  relaxed: Partial<Targets> | undefined,
): Remedy | undefined {
  if (!miss.misses.some(({ constraint }) => constraint === 'load')) return undefined
  const { workload, targets } = query
  const at = (share: number): Remedy => {
    const load = lighten(workload, share)
    const wanted = targets.tokens_per_s
    const rate = load.request_rate_per_s
    // Where the load was taken from the wanted throughput, both go down together.
    const tokens =
      wanted !== undefined && rate !== undefined
        ? { tokens_per_s: Math.min(wanted, rate * workload.output_tokens) }
        : {}
    const wider = { ...relaxed, ...tokens }
    return { workload: load, ...(Object.keys(wider).length > 0 && { targets: wider }) }
  }
  let [low, high] = [Math.log(LOWEST_LOAD_SHARE), 0]
  let best: Remedy | undefined
  for (let round = 0; round < LOAD_ROUNDS; round++) {
    const middle = (low + high) / 2
    const remedy = at(Math.exp(middle))
    if (holdsUnder(miss, query, limits, remedy)) {
      best = remedy
      low = middle
    } else high = middle
  }
  return best
}

const lighten = (workload: Workload, share: number): NonNullable<Remedy['workload']> =>
  workload.request_rate_per_s === undefined
    ? { concurrency: Math.max(Math.floor((workload.concurrency ?? 1) * share), 1) }
    : { request_rate_per_s: roundTo(workload.request_rate_per_s * share, Math.floor) }

/** More of the same, where that would hold; with a larger budget where the stated one does not pay it. */
function moreReplicas(miss: MissedBy, query: SearchQuery, limits: Limits): Remedy[] {
  const { facts, predictor, workload, targets } = query
  const { shape, deployment } = miss
  const from = shape.maxReplicas
  const predictAt = (replicas: number) =>
    predictor.predict({ facts, workload, gpu: shape.gpu, deployment: { ...deployment, replicas } })
  const holds = (replicas: number) => violationOf(limits.performance, predictAt(replicas)) === 0
  if (from >= MOST_REPLICAS_TRIED || !holds(MOST_REPLICAS_TRIED) || holds(from)) return []
  let [low, high] = [from, MOST_REPLICAS_TRIED]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle
  }
  const perReplica = gpusOfLayout(shape)
  const gpus = { gpu_type: shape.gpu.id, more: (high - from) * perReplica, together: perReplica }
  const cost = predictAt(high).cost_usd_per_hour ?? 0
  const hourly = hourlyBudget(targets)
  if (cost <= hourly * (1 + 1e-9)) return [{ gpus }]
  return [{ gpus, targets: raisedBudget(targets, cost) }]
}

function raisedBudget({ budget_usd_per_hour: hourly, budget_usd_per_month: monthly }: Targets, cost: number) {
  return {
    ...(hourly !== undefined && cost > hourly && { budget_usd_per_hour: toCents(cost) }),
    ...(monthly !== undefined &&
      cost * HOURS_PER_MONTH > monthly && { budget_usd_per_month: toDollars(cost * HOURS_PER_MONTH) }),
  }
}
