/** When nothing holds the limits: the closest configurations, and what each would need. */
import type { Deployment, MemoryFit, Reason } from '@bud/kernel'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { assessPerformance } from './assess-targets.ts'
import type { Refused } from './evaluate-shape.ts'
import { layoutKey } from './rank-candidates.ts'
import type { MissedBy, SearchQuery, Shape } from './search-types.ts'

const MOST_REPLICAS_TRIED = 1024
const WIDEST_TENSOR_PARALLEL = 64

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
  // Room does not depend on the engine: one of them stands for all.
  return closestOf(
    refused.flatMap((one) => toRoomMiss(one, query)),
    (miss) => layoutKey(miss).replace(miss.deployment.runtime, ''),
    most,
  )
}

function closestOf(misses: readonly MissedBy[], keyOf: (miss: MissedBy) => string, most: number): MissedBy[] {
  const sorted = misses
    .map((miss) => ({ miss, excess: totalExcess(miss) }))
    .sort((a, b) => a.excess - b.excess || a.miss.prediction.gpus - b.miss.prediction.gpus)
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

/** How far it is from fitting: ln(needed ÷ there); undefined for reasons that more room would not remove. */
function roomExcess(reason: Reason, memory: MemoryFit, example: Deployment, shape: Shape): number | undefined {
  switch (reason.code) {
    case 'gpu-memory-exceeded':
    case 'kv-cache-too-small': {
      const needed = memory.weights_bytes + memory.activation_bytes + memory.overhead_bytes
      return Math.max(Math.log(needed / (memory.gpu_memory_bytes - memory.headroom_bytes)), 0.01)
    }
    case 'gpus-fragmented':
    case 'not-enough-gpus': {
      const largest = shape.nodes.reduce((most, node) => Math.max(most, node.free), 0)
      // A layout that memory turns down as well is no near miss of placement.
      return memory.fits ? Math.log(example.resources.gpu_count / Math.max(largest, 0.5)) : undefined
    }
    default:
      return undefined
  }
}

/** Of a miss by memory: the narrowest tensor parallelism that would fit. */
function memoryRemedy(miss: MissedBy, query: SearchQuery): string | undefined {
  const { deployment, shape } = miss
  for (let size = deployment.config.tensor_parallel_size * 2; size <= WIDEST_TENSOR_PARALLEL; size *= 2) {
    const gpus = size * deployment.config.pipeline_parallel_size
    const wider = {
      ...deployment,
      config: { ...deployment.config, tensor_parallel_size: size },
      resources: { ...deployment.resources, gpu_count: gpus },
    }
    if (checkDeployment({ facts: query.facts, deployment: wider, gpu: shape.gpu }).blocking.length > 0) continue
    return `It would fit on ${gpus} ${shape.gpu.id} per replica (TP ${size}${deployment.config.pipeline_parallel_size > 1 ? ` × PP ${deployment.config.pipeline_parallel_size}` : ''}).`
  }
  return undefined
}

/** What would make it feasible, in one sentence: GPUs that would give room, or replicas that would hold the limits. */
export function remedyFor(miss: MissedBy, query: SearchQuery): string | undefined {
  const { facts, workload, targets, predictor } = query
  const codes = new Set(miss.misses.map(({ reason }) => reason.code))
  if (codes.has('gpu-memory-exceeded') || codes.has('kv-cache-too-small')) return memoryRemedy(miss, query)
  if (codes.has('gpus-fragmented') || codes.has('not-enough-gpus')) {
    return `It would run with ${miss.deployment.resources.gpu_count} ${miss.shape.gpu.id} free on one node.`
  }
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
