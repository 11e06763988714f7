/** What more GPUs would hold: for each GPU type here, the configuration that needs the fewest of them besides. */
import { EngineName, type GpuSpec, type Reason } from '@bud/kernel'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { isShortOfMemory } from '../../domain/memory-fit.ts'
import { replicaCapacity } from '../../domain/plan-placement.ts'
import { missesOf, violationOf } from './assess-targets.ts'
import { hourlyBudget, type Limits } from './limits.ts'
import { gpusOfLayout, listLayouts, type ShapeLayout, widestTensorParallel } from './list-shapes.ts'
import { listVariants } from './list-variants.ts'
import type { Refused } from './refuse.ts'
import type { Evaluated, Miss, MissedBy, SearchQuery, Shape } from './search-types.ts'

const MOST_REPLICAS_TRIED = 256
/** The roomiest batch limits of a layout stand for it. */
const VARIANTS_TRIED = 2

interface Extension {
  one: Evaluated
  shape: Shape
  more: number
}

/** `somethingRuns`: then only what holds every limit is of interest, else also what would run at all. */
export function roomMisses(
  refused: readonly Refused[],
  somethingRuns: boolean,
  query: SearchQuery,
  limits: Limits,
): MissedBy[] {
  if (somethingRuns === false && !refused.some(({ reason }) => isShortOfRoom(reason))) return []
  return query.gpus.flatMap((gpu) => {
    const shapes = listExtensions(query, gpu)
    const holding = fewestMore(shapes.flatMap((shape) => extend(shape, query, limits)))
    if (holding) return [toMiss(holding, [])]
    if (somethingRuns) return []
    const priced = shapes.flatMap((shape) => load(shape, query)).filter(({ one }) => isComparable(one, query))
    const running = fewestMore(priced)
    return running
      ? [toMiss(running, missesOf([...limits.performance, ...limits.budget], running.one.prediction, limits))]
      : []
  })
}

const isComparable = ({ prediction }: Evaluated, { targets }: SearchQuery): boolean =>
  prediction.cost_usd_per_hour !== null || !Number.isFinite(hourlyBudget(targets))

const isShortOfRoom = (reason: Reason): boolean =>
  isShortOfMemory(reason) || reason.code === 'gpus-fragmented' || reason.code === 'not-enough-gpus'

/** Every layout that one node of this type could hold, or several in a pipeline, whatever is free now. */
function listExtensions(query: SearchQuery, gpu: GpuSpec): Shape[] {
  const nodes = query.nodes.filter((node) => node.gpu_type === gpu.id)
  if (nodes.length === 0) return []
  const widest = widestTensorParallel(gpu)
  return listLayouts(query.facts, widest, Number.POSITIVE_INFINITY).flatMap((layout) =>
    (query.runtimes ?? EngineName.options).map((runtime) => toShape(query, gpu, nodes, layout, runtime)),
  )
}

function toShape(
  query: SearchQuery,
  gpu: GpuSpec,
  nodes: Shape['nodes'],
  layout: ShapeLayout,
  runtime: EngineName,
): Shape {
  const maxReplicas = replicaCapacity({
    nodes,
    gpus_per_replica: gpusOfLayout(layout),
    tensor_parallel_size: layout.tensorParallelSize,
    data_parallel_size: layout.dataParallelSize,
    pipeline_across_nodes: query.pipeline_across_nodes === true && runtime === 'vllm',
  })
  return { runtime, gpu, ...layout, quantization: undefined, kvCacheDtype: 'auto', nodes, maxReplicas }
}

function variantsOf(shape: Shape, query: SearchQuery) {
  const variants = listVariants(shape, query).slice(0, VARIANTS_TRIED)
  return variants.filter(
    (deployment) => checkDeployment({ facts: query.facts, deployment, gpu: shape.gpu }).blocking.length === 0,
  )
}

/** With the fewest replicas that hold every limit, of those beyond what has room now. */
function extend(shape: Shape, query: SearchQuery, limits: Limits): Extension[] {
  const { facts, predictor, workload, targets } = query
  return variantsOf(shape, query).flatMap((variant) => {
    const at = (replicas: number): Evaluated => {
      const deployment = { ...variant, replicas }
      return { deployment, prediction: predictor.predict({ facts, deployment, gpu: shape.gpu, workload }) }
    }
    const holds = ({ prediction }: Evaluated) =>
      violationOf([...limits.performance, ...limits.budget], prediction) === 0
    const fewest = at(1).prediction.cost_usd_per_hour
    const budget = hourlyBudget(targets)
    if (fewest === null && Number.isFinite(budget)) return []
    const paid = Number.isFinite(budget)
      ? Math.floor(budget / (fewest ?? Number.POSITIVE_INFINITY) + 1e-9)
      : MOST_REPLICAS_TRIED
    let high = Math.min(paid, MOST_REPLICAS_TRIED)
    let low = shape.maxReplicas + 1
    if (high < low) return []
    let best = at(high)
    if (!holds(best)) return []
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const candidate = at(middle)
      if (holds(candidate)) {
        best = candidate
        high = middle
      } else low = middle + 1
    }
    return [{ one: best, shape, more: (best.deployment.replicas - shape.maxReplicas) * gpusOfLayout(shape) }]
  })
}

/** One replica, where there is room for none. */
function load(shape: Shape, query: SearchQuery): Extension[] {
  const { facts, predictor, workload } = query
  if (shape.maxReplicas > 0) return []
  return variantsOf(shape, query).map((deployment) => ({
    one: { deployment, prediction: predictor.predict({ facts, deployment, gpu: shape.gpu, workload }) },
    shape,
    more: gpusOfLayout(shape),
  }))
}

function fewestMore(extensions: readonly Extension[]): Extension | undefined {
  return [...extensions].sort(
    (a, b) =>
      a.more - b.more ||
      a.one.prediction.gpus - b.one.prediction.gpus ||
      a.shape.pipelineParallelSize - b.shape.pipelineParallelSize,
  )[0]
}

function toMiss({ one, shape, more }: Extension, others: Miss[]): MissedBy {
  const perReplica = gpusOfLayout(shape)
  const largest = shape.nodes.reduce((most, node) => Math.max(most, node.free), 0)
  const free = shape.nodes.reduce((sum, node) => sum + node.free, 0)
  const { replicas } = one.deployment
  const none = shape.maxReplicas === 0
  const message = none
    ? `Does not fit on this cluster: needs ${perReplica} × ${shape.gpu.id} (TP ≤ ${widestTensorParallel(shape.gpu)} in a node), the largest node has ${largest} free.`
    : `Does not fit on this cluster: ${replicas} replicas take ${replicas * perReplica} × ${shape.gpu.id}, ${free} are free.`
  const reason: Reason = { code: 'not-enough-gpus', message, path: 'cluster' }
  const excess = Math.log((replicas * perReplica) / Math.max(replicas * perReplica - more, 0.5))
  return { ...one, shape, misses: [{ constraint: 'room', reason, excess, reached: more }, ...others] }
}
