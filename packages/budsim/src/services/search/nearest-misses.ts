/** When nothing holds the limits: the closest configurations, and what each would need. */
import type { Deployment, MemoryFit, Reason } from '@bud/kernel'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { isShortOfMemory } from '../../domain/memory-fit.ts'
import { assessPerformance } from './assess-targets.ts'
import type { Refused } from './evaluate-shape.ts'
import { PIPELINE_PARALLEL, TENSOR_PARALLEL, widestTensorParallel } from './list-shapes.ts'
import { layoutKey } from './rank-candidates.ts'
import type { MissedBy, SearchQuery, Shape } from './search-types.ts'

const MOST_REPLICAS_TRIED = 1024

const largestFree = ({ nodes }: Shape): number => nodes.reduce((most, node) => Math.max(most, node.free), 0)

const isShortOfRoom = (reason: Reason): boolean =>
  isShortOfMemory(reason) || reason.code === 'gpus-fragmented' || reason.code === 'not-enough-gpus'

/** Sum of the logarithms by which limits are missed: 0.1 ≈ 10 % in all. */
export const totalExcess = (miss: MissedBy): number => miss.misses.reduce((sum, { excess }) => sum + excess, 0)

/** The closest of each layout, closest first: those that run but miss a limit; where none runs, those short of room. */
export function nearestMisses(
  missed: readonly MissedBy[],
  refused: readonly Refused[],
  query: SearchQuery,
  most: number,
): MissedBy[] {
  if (missed.length > 0) return closestOf(missed, layoutKey, most)
  const short = refused.flatMap((one) => toRoomMiss(one, query))
  const fitting = short.filter((miss) => miss.prediction.memory.fits)
  // Room does not depend on the engine: one of them stands for all. Figures of what cannot be loaded come last of all.
  return closestOf(fitting.length > 0 ? fitting : short, ({ shape }) => shape.gpu.id, most)
}

const stagesOf = ({ deployment }: MissedBy): number => deployment.config.pipeline_parallel_size

function closestOf(misses: readonly MissedBy[], keyOf: (miss: MissedBy) => string, most: number): MissedBy[] {
  const sorted = misses
    .map((miss) => ({ miss, excess: totalExcess(miss) }))
    .sort(
      (a, b) =>
        a.excess - b.excess || a.miss.prediction.gpus - b.miss.prediction.gpus || stagesOf(a.miss) - stagesOf(b.miss),
    )
  const byKey = new Map<string, MissedBy>()
  for (const { miss } of sorted) {
    if (byKey.size === most) break
    const key = keyOf(miss)
    if (!byKey.has(key)) byKey.set(key, miss)
  }
  return [...byKey.values()]
}

function toRoomMiss({ reason, example, shape }: Refused, query: SearchQuery): MissedBy[] {
  const { facts, workload, predictor } = query
  const prediction = predictor.predict({ facts, workload, gpu: shape.gpu, deployment: example })
  const excess = roomExcess(reason, prediction.memory, example, shape)
  return excess === undefined ? [] : [{ deployment: example, prediction, shape, misses: [{ reason, excess }] }]
}

export function memoryExcess(memory: MemoryFit): number {
  const needed = memory.weights_bytes + memory.activation_bytes + memory.overhead_bytes
  return Math.max(Math.log(needed / (memory.gpu_memory_bytes - memory.headroom_bytes)), 0.01)
}

/** How far it is from fitting: ln(needed ÷ there); undefined for reasons that more room would not remove. */
function roomExcess(reason: Reason, memory: MemoryFit, example: Deployment, shape: Shape): number | undefined {
  switch (reason.code) {
    case 'gpu-memory-exceeded':
    case 'kv-cache-too-small':
      return memoryExcess(memory)
    case 'gpus-fragmented':
    case 'not-enough-gpus': {
      // A layout that memory turns down as well is no near miss of placement.
      return memory.fits ? Math.log(example.resources.gpu_count / Math.max(largestFree(shape), 0.5)) : undefined
    }
    default:
      return undefined
  }
}

/** What the model needs of this GPU type in the fewest GPUs, beside what the cluster has. */
function roomRemedy({ deployment, shape }: MissedBy, { facts }: SearchQuery): string {
  const largest = largestFree(shape)
  const widest = Math.max(widestTensorParallel(shape.gpu), largest)
  const layouts = TENSOR_PARALLEL.filter((size) => size <= widest).flatMap((tensor) =>
    PIPELINE_PARALLEL.map((pipeline) => ({ tensor, pipeline, gpus: tensor * pipeline })),
  )
  layouts.sort((a, b) => a.gpus - b.gpus || a.pipeline - b.pipeline)
  const fewest = layouts.find(({ tensor, pipeline, gpus }) => {
    const config = { ...deployment.config, tensor_parallel_size: tensor, pipeline_parallel_size: pipeline }
    const other = { ...deployment, config, resources: { ...deployment.resources, gpu_count: gpus } }
    return checkDeployment({ facts, deployment: other, gpu: shape.gpu }).blocking.length === 0
  })
  const needed = fewest ? String(fewest.gpus) : `more than ${layouts.at(-1)?.gpus}`
  return `Does not fit on this cluster: needs ${needed} × ${shape.gpu.id} (TP ≤ ${widest} in a node), the largest node has ${largest} free.`
}

/** What would make it feasible, in one sentence: GPUs that would give room, or replicas that would hold the limits. */
export function remedyFor(miss: MissedBy, query: SearchQuery): string | undefined {
  const { facts, workload, targets, predictor } = query
  const codes = new Set(miss.misses.map(({ reason }) => reason.code))
  if (miss.misses.some(({ reason }) => isShortOfRoom(reason))) return roomRemedy(miss, query)
  if (codes.has('budget-exceeded')) return undefined
  for (
    let replicas = miss.deployment.replicas + 1;
    replicas <= MOST_REPLICAS_TRIED;
    replicas = Math.ceil(replicas * 1.25)
  ) {
    const prediction = predictor.predict({
      facts,
      workload,
      gpu: miss.shape.gpu,
      deployment: { ...miss.deployment, replicas },
    })
    if (assessPerformance(prediction, targets, workload).length === 0) {
      const gpus = replicas * miss.deployment.resources.gpu_count
      const free = miss.shape.nodes.reduce((sum, node) => sum + node.free, 0)
      return `With ${replicas} replicas (${gpus} ${miss.shape.gpu.id}; ${free} are free here) it would hold.`
    }
  }
  return undefined
}
