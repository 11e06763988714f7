/** All variants of one layout: for each the smallest replica count that holds the limits, or what it misses. */
import type { Deployment, Prediction, Reason } from '@bud/kernel'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { planPlacement } from '../../domain/plan-placement.ts'
import { HOURS_PER_MONTH } from '../../domain/price-book.ts'
import { assessBudget, assessPerformance } from './assess-targets.ts'
import { listVariants, VARIANTS_PER_SHAPE } from './list-shapes.ts'
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

/** Reasons that no batch limit can change: placement, layout, engine, weights. */
function refuseWhole(query: SearchQuery, shape: Shape, smallest: Deployment): Reason | undefined {
  if (shape.maxReplicas === 0) {
    return planPlacement({
      nodes: shape.nodes,
      gpus_per_replica: smallest.resources.gpu_count,
      tensor_parallel_size: shape.tensorParallelSize,
      replicas: 1,
    }).reason
  }
  const length = query.workload.input_tokens + query.workload.output_tokens
  const context = query.facts.context_length
  if (context !== null && length > context) {
    return {
      code: 'workload-exceeds-context',
      message: `Requests of ${length} tokens exceed the model’s context of ${context}.`,
      path: 'workload.input_tokens',
      next_step: 'Shorten the workload or choose a model with a longer context.',
    }
  }
  const [blocking] = checkDeployment({ facts: query.facts, deployment: smallest, gpu: shape.gpu }).blocking
  return blocking ?? refuseUnpriced(query, shape, smallest)
}

function refuseUnpriced({ facts, predictor, targets, workload }: SearchQuery, shape: Shape, deployment: Deployment) {
  if (targets.budget_usd_per_hour === undefined && targets.budget_usd_per_month === undefined) return undefined
  const { cost_usd_per_hour: cost } = predictor.predict({ facts, deployment, gpu: shape.gpu, workload })
  if (cost !== null) return undefined
  return {
    code: 'price-unknown',
    message: `The price book has no price for ${shape.gpu.id}, so no budget can be held against it.`,
    path: 'targets.budget_usd_per_hour',
    next_step: 'Add its price, with source and date, to data/prices.yaml.',
  }
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
