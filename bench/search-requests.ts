/** Seeded random questions as people ask them: catalogue models on mixed clusters of 8–64 GPUs under some limits. */
import type { SearchQuery } from '@bud/budsim'
import type { GpuSpec, ModelFacts, Objective, Targets } from '@bud/kernel'
import { Workload } from '@bud/kernel'

export interface SearchRequest {
  model: string
  facts: ModelFacts
  nodes: SearchQuery['nodes']
  workload: Workload
  targets: Targets
  objective: Objective
  allow_quantization: boolean
}

/** What clouds and own racks hold, oftener the commoner. */
const GPU_TYPES = [
  'H100-SXM-80GB',
  'H100-SXM-80GB',
  'A100-SXM-80GB',
  'A100-SXM-80GB',
  'H200-SXM-141GB',
  'B200-SXM-180GB',
  'L40S-48GB',
  'A100-SXM-40GB',
  'MI300X-192GB',
  'L4-24GB',
]
const CLUSTER_GPUS = [8, 16, 24, 32, 48, 64]
const NODE_GPUS = [2, 4, 8, 8, 8]
const OBJECTIVES: readonly Objective[] = ['cost', 'cost', 'latency', 'throughput']

/** Mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function createRequests(
  count: number,
  seed: number,
  models: readonly { name: string; facts: ModelFacts }[],
  gpus: readonly GpuSpec[],
): SearchRequest[] {
  const random = createRandom(seed)
  const known = GPU_TYPES.filter((id) => gpus.some((gpu) => gpu.id === id))
  const pick = <T>(from: readonly T[]): T => {
    const chosen = from[Math.floor(random() * from.length)]
    if (chosen === undefined) throw new RangeError('nothing to choose from')
    return chosen
  }
  const between = (low: number, high: number) => Math.exp(Math.log(low) + random() * Math.log(high / low))
  const whole = (low: number, high: number) => Math.round(between(low, high))
  const sometimes = <T>(share: number, value: () => T): T | undefined => (random() < share ? value() : undefined)
  return Array.from({ length: count }, () => {
    const { name, facts } = pick(models)
    const context = facts.context_length ?? 4096
    const output = Math.min(whole(32, 2048), Math.floor(context / 4))
    const load = random() < 0.5 ? { concurrency: whole(1, 512) } : { request_rate_per_s: between(0.1, 40) }
    const shared = random() < 0.2 ? { prefix_cache_share: 0.5 } : {}
    const structured = random() < 0.1 ? { structured_output: true } : {}
    return {
      model: name,
      facts,
      nodes: nodesOf(
        pick(CLUSTER_GPUS),
        Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(known)),
        pick,
      ),
      workload: Workload.parse({
        input_tokens: Math.min(whole(128, 8192), Math.floor(context / 2)),
        output_tokens: output,
        ...load,
        ...shared,
        ...structured,
      }),
      targets: {
        ttft_ms: sometimes(0.6, () => whole(300, 6000)),
        tokens_per_s_per_user: sometimes(0.4, () => between(5, 60)),
        e2e_ms: sometimes(0.2, () => whole(8000, 120_000)),
        budget_usd_per_hour: sometimes(0.25, () => between(5, 150)),
      },
      objective: pick(OBJECTIVES),
      allow_quantization: random() < 0.5,
    }
  })
}

function nodesOf(
  total: number,
  types: readonly string[],
  pick: <T>(from: readonly T[]) => T,
): { name: string; gpu_type: string; free: number }[] {
  const nodes: { name: string; gpu_type: string; free: number }[] = []
  let left = total
  for (let index = 0; left > 0; index++) {
    const free = Math.min(pick(NODE_GPUS), left)
    nodes.push({ name: `node-${index}`, gpu_type: types[index % types.length] ?? 'H100-SXM-80GB', free })
    left -= free
  }
  return nodes
}
