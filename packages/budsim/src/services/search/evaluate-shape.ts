/** All variants of one layout: for each the smallest replica count that holds the limits, or what it misses. */
import { type Deployment, EngineName, type Prediction, type Reason } from '@bud/kernel'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { checkEngines } from '../../domain/check-engine.ts'
import { isShortOfMemory } from '../../domain/memory-fit.ts'
import { planPlacement } from '../../domain/plan-placement.ts'
import { HOURS_PER_MONTH } from '../../domain/price-book.ts'
import { assessBudget, assessPerformance } from './assess-targets.ts'
import { listVariants, VARIANTS_PER_SHAPE } from './list-shapes.ts'
import { notWithinBudget } from './price-reasons.ts'
import type { Evaluated, Miss, MissedBy, SearchQuery, Shape } from './search-types.ts'

export interface Refused {
  reason: Reason
  count: number
  example: Deployment
  shape: Shape
}

export interface ShapeOutcome {
  feasible: Evaluated[]
  missed: MissedBy[]
  /** Turned down before any prediction. */
  refused: Refused[]
}

export function evaluateShape(query: SearchQuery, shape: Shape): ShapeOutcome {
  const variants = listVariants(shape, query.facts, query.workload)
  const outcome: ShapeOutcome = { feasible: [], missed: [], refused: [] }
  const [first] = variants
  if (!first) return outcome
  const whole = refuseWhole(query, shape, first)
  if (whole) {
    outcome.refused.push({ reason: whole, count: VARIANTS_PER_SHAPE, example: first, shape })
    return outcome
  }
  for (const variant of variants) {
    const [reason] = checkDeployment({ facts: query.facts, deployment: variant, gpu: shape.gpu }).blocking
    if (reason) {
      outcome.refused.push({ reason, count: 1, example: variant, shape })
      continue
    }
    evaluateVariant(query, shape, variant, outcome)
  }
  return outcome
}

/**
 * Reasons that no batch limit can change. First those that nothing on the cluster can change (engine, model, layout),
 * then missing prices, then room: so that only what more room would cure is ever called a near miss.
 */
function refuseWhole(query: SearchQuery, shape: Shape, smallest: Deployment): Reason | undefined {
  const { blocking } = checkDeployment({ facts: query.facts, deployment: smallest, gpu: shape.gpu })
  return (
    refuseEngine(query, shape) ??
    refuseLength(query) ??
    blocking.find((reason) => !isShortOfMemory(reason)) ??
    refuseUnpriced(query, shape, smallest) ??
    refuseRoom(shape, smallest) ??
    blocking[0]
  )
}

/** Names every engine searched that the same cause stops on this GPU type. */
function refuseEngine({ facts, runtimes = EngineName.options }: SearchQuery, { gpu, runtime }: Shape) {
  const [own] = checkEngines({ engines: [runtime], facts, gpu })
  return own && checkEngines({ engines: runtimes, facts, gpu }).find(({ code }) => code === own.code)
}

function refuseLength({ facts, workload }: SearchQuery): Reason | undefined {
  const length = workload.input_tokens + workload.output_tokens
  const context = facts.context_length
  if (context === null || length <= context) return undefined
  return {
    code: 'workload-exceeds-context',
    message: `Requests of ${length} tokens exceed the model’s context of ${context}.`,
    path: 'workload.input_tokens',
    next_step: 'Shorten the workload or choose a model with a longer context.',
  }
}

function refuseUnpriced({ facts, predictor, targets, workload }: SearchQuery, shape: Shape, deployment: Deployment) {
  if (targets.budget_usd_per_hour === undefined && targets.budget_usd_per_month === undefined) return undefined
  const { cost_usd_per_hour: cost } = predictor.predict({ facts, deployment, gpu: shape.gpu, workload })
  return cost === null ? notWithinBudget(shape.gpu.id) : undefined
}

function refuseRoom(shape: Shape, smallest: Deployment): Reason | undefined {
  if (shape.maxReplicas > 0) return undefined
  return planPlacement({
    nodes: shape.nodes,
    gpus_per_replica: smallest.resources.gpu_count,
    tensor_parallel_size: shape.tensorParallelSize,
    replicas: 1,
  }).reason
}

function evaluateVariant(query: SearchQuery, shape: Shape, variant: Deployment, outcome: ShapeOutcome): void {
  const { facts, workload, targets, predictor } = query
  const at = (replicas: number): Evaluated => {
    const deployment = { ...variant, replicas }
    return { deployment, prediction: predictor.predict({ facts, deployment, gpu: shape.gpu, workload }) }
  }
  const missesOf = (prediction: Prediction): Miss[] => assessPerformance(prediction, targets, workload)
  const most = at(shape.maxReplicas)
  const misses = missesOf(most.prediction)
  if (misses.length > 0) {
    outcome.missed.push({ ...most, misses, shape })
    return
  }
  const least = fewestReplicas(shape.maxReplicas, most, at, (candidate) => missesOf(candidate.prediction).length === 0)
  const overBudget = assessBudget(least.prediction, targets)
  if (overBudget.length > 0) {
    outcome.missed.push({ ...least, misses: overBudget, shape })
    return
  }
  outcome.feasible.push(least)
  if (query.objective !== 'cost' && least.deployment.replicas < shape.maxReplicas) {
    outcome.feasible.push(mostReplicasWithin(shape.maxReplicas, least, at, targets))
  }
}

/** Binary search: more replicas never miss what fewer hold. */
function fewestReplicas(
  maxReplicas: number,
  most: Evaluated,
  at: (replicas: number) => Evaluated,
  holds: (candidate: Evaluated) => boolean,
): Evaluated {
  let low = 1
  let high = maxReplicas
  let best = most
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

/** As many replicas as the budget pays. */
function mostReplicasWithin(
  maxReplicas: number,
  least: Evaluated,
  at: (replicas: number) => Evaluated,
  targets: SearchQuery['targets'],
): Evaluated {
  const each = (least.prediction.cost_usd_per_hour ?? 0) / least.deployment.replicas
  const limit = Math.min(
    targets.budget_usd_per_hour ?? Number.POSITIVE_INFINITY,
    (targets.budget_usd_per_month ?? Number.POSITIVE_INFINITY) / HOURS_PER_MONTH,
  )
  const paid = each > 0 && Number.isFinite(limit) ? Math.floor(limit / each + 1e-9) : maxReplicas
  return at(Math.max(Math.min(paid, maxReplicas), least.deployment.replicas))
}
