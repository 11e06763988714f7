/**
 * When nothing holds the limits: for each limit the configuration that misses it alone and by the least, what more
 * GPUs would hold, and the closest of the other layouts.
 */
import type { MemoryFit } from '@bud/kernel'
import type { Limits } from './limits.ts'
import { layoutKey } from './rank-candidates.ts'
import type { Refused } from './refuse.ts'
import { roomMisses } from './room-misses.ts'
import type { Constraint, MissedBy, SearchQuery } from './search-types.ts'

const MOST_NEAREST_MISSES = 8
const MOST_OF_OTHER_LAYOUTS = 3

/** Sum of the logarithms by which limits are missed: 0.1 ≈ 10 % in all. */
const totalExcess = (miss: MissedBy): number => miss.misses.reduce((sum, { excess }) => sum + excess, 0)

export function nearestMisses(
  missed: readonly MissedBy[],
  refused: readonly Refused[],
  query: SearchQuery,
  limits: Limits,
): MissedBy[] {
  const room = roomMisses(refused, missed.length > 0, query, limits)
  const sorted = missed
    .filter(({ misses }) => misses.length > 0)
    .map((miss) => ({ miss, excess: totalExcess(miss) }))
    .sort((a, b) => a.excess - b.excess || compareSize(a.miss, b.miss))
    .map(({ miss }) => miss)
  const alone = firstOfEach(
    sorted.filter(({ misses }) => misses.length === 1),
    ({ misses }) => misses[0]?.constraint ?? 'load',
  )
  const layouts = firstOfEach(sorted, layoutKey).slice(0, MOST_OF_OTHER_LAYOUTS)
  const speed = firstOfEach([...alone, ...layouts], ({ deployment }) => JSON.stringify(deployment))
  speed.sort((a, b) => totalExcess(a) - totalExcess(b) || compareSize(a, b))
  return [...speed, ...room].slice(0, MOST_NEAREST_MISSES)
}

const compareSize = (a: MissedBy, b: MissedBy): number =>
  a.prediction.gpus - b.prediction.gpus ||
  a.deployment.config.pipeline_parallel_size - b.deployment.config.pipeline_parallel_size

function firstOfEach(misses: readonly MissedBy[], keyOf: (miss: MissedBy) => Constraint | string): MissedBy[] {
  const byKey = new Map<string, MissedBy>()
  for (const miss of misses) {
    const key = keyOf(miss)
    if (!byKey.has(key)) byKey.set(key, miss)
  }
  return [...byKey.values()]
}

/** How far it is from fitting: ln(needed ÷ there). */
export function memoryExcess(memory: MemoryFit): number {
  const needed = memory.weights_bytes + memory.activation_bytes + memory.overhead_bytes
  return Math.max(Math.log(needed / (memory.gpu_memory_bytes - memory.headroom_bytes)), 0.01)
}
