/**
 * What each configuration comes to: the replicas it takes and what it then does, or what it misses. Every strategy
 * asks here, and nothing is predicted twice. Replicas are independent of each other, so more of them never miss a
 * limit of speed that fewer hold: for cost the fewest that hold are found by bisection, for latency and throughput as
 * many as room and budget allow are taken. A variant that holds nothing at the replicas at which a variant of its own
 * layout does is dearer than that one or infeasible, and is not looked at further.
 */
import type { Deployment, Reason } from '@bud/kernel'
import { missesOf, violationOf } from './assess-targets.ts'
import { hourlyBudget, type Limits } from './limits.ts'
import type { Evaluated, Miss, MissedBy, SearchQuery, Shape } from './search-types.ts'

export type Outcome =
  | { kind: 'feasible'; best: Evaluated }
  /** Another variant of its layout holds the limits with fewer replicas. */
  | { kind: 'behind'; best: Evaluated }
  /** `nearest`: what it would take within the budget, and beyond it. `reason`: what binds. */
  | { kind: 'missed'; nearest: MissedBy[]; reason: Reason; violation: number }

/** A layout that can run here, with what is known of its variants. */
export interface ShapeState {
  shape: Shape
  variants: readonly Deployment[]
  outcomes: (Outcome | undefined)[]
  /** Replicas that room and budget allow; 0 when the budget pays none. */
  affordable: number
  /** USD per hour of one replica; null where the price is unknown. */
  costOfOne: number | null
  /** Fewest replicas at which one of its variants holds the limits. */
  fewest: number | undefined
}

export interface Evaluator {
  readonly states: readonly ShapeState[]
  /** Variants that were predicted. */
  readonly evaluated: number
  evaluate(state: ShapeState, variant: number): Outcome
  at(shape: Shape, variant: Deployment, replicas: number): Evaluated
}

export function createEvaluator(
  query: SearchQuery,
  limits: Limits,
  runnable: readonly { shape: Shape; variants: readonly Deployment[] }[],
): Evaluator {
  const { facts, workload, predictor } = query
  const budget = hourlyBudget(query.targets)
  let evaluated = 0
  const at = (shape: Shape, variant: Deployment, replicas: number): Evaluated => {
    const deployment = { ...variant, replicas }
    return { deployment, prediction: predictor.predict({ facts, deployment, gpu: shape.gpu, workload }) }
  }
  const prices = new Map<string, number | null>()
  const costOf = (shape: Shape, variant: Deployment): number | null => {
    let price = prices.get(shape.gpu.id)
    if (price === undefined) {
      const { cost_usd_per_hour: cost, gpus } = at(shape, variant, 1).prediction
      price = cost === null ? null : cost / gpus
      prices.set(shape.gpu.id, price)
    }
    return price === null ? null : price * variant.resources.gpu_count
  }
  const states = runnable.flatMap(({ shape, variants }): ShapeState[] => {
    const [first] = variants
    if (!first) return []
    const costOfOne = costOf(shape, first)
    const paid = Number.isFinite(budget)
      ? Math.floor(budget / (costOfOne ?? Number.POSITIVE_INFINITY) + 1e-9)
      : shape.maxReplicas
    const affordable = Math.min(shape.maxReplicas, paid)
    return [{ shape, variants, outcomes: [], affordable, costOfOne, fewest: undefined }]
  })
  const evaluator = { query, limits, at }
  return {
    states,
    get evaluated() {
      return evaluated
    },
    evaluate(state, variant) {
      const known = state.outcomes[variant]
      if (known) return known
      const deployment = state.variants[variant]
      if (!deployment) throw new RangeError(`No variant ${variant} of ${state.variants.length}`)
      evaluated++
      const outcome = evaluateVariant(evaluator, state, deployment)
      state.outcomes[variant] = outcome
      return outcome
    },
    at,
  }
}

interface Judge {
  query: SearchQuery
  limits: Limits
  at: Evaluator['at']
}

function evaluateVariant(judge: Judge, state: ShapeState, variant: Deployment): Outcome {
  const { shape, affordable, fewest } = state
  const at = (replicas: number) => judge.at(shape, variant, replicas)
  const holds = (one: Evaluated) => violationOf(judge.limits.performance, one.prediction) === 0
  const seekFewest = judge.query.objective === 'cost'
  if (affordable > 0) {
    const first = at(seekFewest && fewest !== undefined ? fewest : affordable)
    if (holds(first)) {
      const best = seekFewest ? fewerReplicas(first, at, holds, fewest !== undefined) : first
      state.fewest = Math.min(fewest ?? Number.POSITIVE_INFINITY, best.deployment.replicas)
      return { kind: 'feasible', best }
    }
    if (seekFewest && fewest !== undefined) return { kind: 'behind', best: first }
    return missed(judge, shape, at, holds, first)
  }
  return missed(judge, shape, at, holds, undefined)
}

/** Of the replicas below those of `known`, the fewest that hold; by bisection, or from just below where that is likely. */
function fewerReplicas(
  known: Evaluated,
  at: (replicas: number) => Evaluated,
  holds: (one: Evaluated) => boolean,
  likelyFewest: boolean,
): Evaluated {
  let best = known
  let low = 1
  let high = known.deployment.replicas
  if (likelyFewest && high > 1) {
    const below = at(high - 1)
    if (!holds(below)) return known
    best = below
    high -= 1
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const candidate = at(middle)
    if (holds(candidate)) {
      best = candidate
      high = middle
    } else low = middle + 1
  }
  return best
}

/** What binds: speed when even all GPUs would not hold the limits, else the budget. */
function missed(
  { limits }: Judge,
  shape: Shape,
  at: (replicas: number) => Evaluated,
  holds: (one: Evaluated) => boolean,
  paid: Evaluated | undefined,
): Outcome {
  const most = paid?.deployment.replicas === shape.maxReplicas ? paid : at(shape.maxReplicas)
  const nearest = paid ? [toMiss(paid, shape, limits)] : []
  if (most !== paid && holds(most)) {
    const least = fewerReplicas(most, at, holds, false)
    nearest.push(toMiss(least, shape, limits))
  } else if (!paid) nearest.push(toMiss(at(1), shape, limits), toMiss(most, shape, limits))
  const binding = most !== paid && holds(most) ? nearest.at(-1) : toMiss(most, shape, limits)
  const worst = (binding?.misses ?? []).reduce<Miss | undefined>(
    (a, b) => (a && a.excess >= b.excess ? a : b),
    undefined,
  )
  return {
    kind: 'missed',
    nearest,
    reason: worst?.reason ?? NO_COUNT_HOLDS,
    violation: Math.min(...nearest.map(({ misses }) => misses.reduce((sum, { excess }) => sum + excess, 0))),
  }
}

/** With refined intervals no count of replicas may hold every limit, although none is missed at the largest. */
const NO_COUNT_HOLDS: Reason = {
  code: 'limits-missed',
  message: 'No number of replicas holds every limit at once.',
}

const toMiss = (one: Evaluated, shape: Shape, limits: Limits): MissedBy => ({
  ...one,
  shape,
  misses: missesOf([...limits.performance, ...limits.budget], one.prediction, limits),
})
