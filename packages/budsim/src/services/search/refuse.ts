/** Configurations turned down before any prediction: what cannot run here, and why. */
import { type Deployment, EngineName, type Reason } from '@bud/kernel'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { checkEngines } from '../../domain/check-engine.ts'
import { isShortOfMemory } from '../../domain/memory-fit.ts'
import { planPlacement } from '../../domain/plan-placement.ts'
import { listVariants } from './list-variants.ts'
import { notWithinBudget } from './price-reasons.ts'
import type { SearchQuery, Shape } from './search-types.ts'

export interface Refused {
  reason: Reason
  count: number
  example: Deployment
  shape: Shape
}

export interface Sorted {
  runnable: { shape: Shape; variants: Deployment[] }[]
  refused: Refused[]
  /** All variants of all shapes. */
  total: number
}

export function sortOut(query: SearchQuery, shapes: readonly Shape[]): Sorted {
  const sorted: Sorted = { runnable: [], refused: [], total: 0 }
  for (const shape of shapes) {
    const variants = listVariants(shape, query)
    const smallest = variants.at(-1)
    if (!smallest) continue
    sorted.total += variants.length
    const whole = refuseWhole(query, shape, smallest)
    if (whole) {
      sorted.refused.push({ reason: whole, count: variants.length, example: smallest, shape })
      continue
    }
    const able: Deployment[] = []
    for (const variant of variants) {
      const [reason] = checkDeployment({ facts: query.facts, deployment: variant, gpu: shape.gpu }).blocking
      if (reason) sorted.refused.push({ reason, count: 1, example: variant, shape })
      else able.push(variant)
    }
    if (able.length > 0) sorted.runnable.push({ shape, variants: able })
  }
  return sorted
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
    refuseRoom(query, shape, smallest) ??
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

function refuseRoom({ pipeline_across_nodes }: SearchQuery, shape: Shape, smallest: Deployment): Reason | undefined {
  if (shape.maxReplicas > 0) return undefined
  return planPlacement({
    nodes: shape.nodes,
    gpus_per_replica: smallest.resources.gpu_count,
    tensor_parallel_size: shape.tensorParallelSize,
    data_parallel_size: shape.dataParallelSize,
    pipeline_across_nodes: pipeline_across_nodes === true && shape.runtime === 'vllm',
    replicas: 1,
  }).reason
}
