/** Best first by objective; near ties go to fewer GPUs, then to lower latency, then to more room. */
import type { Objective, Workload } from '@bud/kernel'
import { dataParallelOf } from '../../domain/replica-layout.ts'
import { engineHandicap, generalOrder } from './engine-affinity.ts'
import type { Evaluated } from './search-types.ts'

/** Figures within 2 % of each other are a tie: predictions are not finer than that. */
const TIE = Math.log(1.02)

const bucket = (value: number): number => Math.round(Math.log(Math.max(value, 1e-9)) / TIE)

export interface Ranking {
  objective: Objective
  workload: Workload
}

/** Smaller is better, first key first. */
export function rankKeys({ deployment, prediction }: Evaluated, { objective, workload }: Ranking): number[] {
  const handicap = engineHandicap(deployment.runtime, workload)
  const cost = prediction.cost_usd_per_hour ?? Number.POSITIVE_INFINITY
  const latency = bucket(prediction.e2e_ms.value * handicap)
  const throughput = -bucket(prediction.max_output_tokens_per_s.value / handicap)
  const ties = [
    prediction.gpus,
    latency,
    throughput,
    bucket(prediction.ttft_ms_p99.value),
    generalOrder(deployment.runtime),
    deployment.config.quantization === undefined ? 0 : 1,
    deployment.config.kv_cache_dtype === 'auto' ? 0 : 1,
    -deployment.config.max_num_seqs,
    deployment.config.max_num_batched_tokens ?? 0,
  ]
  switch (objective) {
    case 'cost':
      return [cost, ...ties]
    case 'latency':
      return [latency, ...ties]
    case 'throughput':
      return [throughput, ...ties]
  }
}

export function layoutKey({ deployment }: Pick<Evaluated, 'deployment'>): string {
  const { config, runtime, resources } = deployment
  return [
    runtime,
    resources.gpu_type,
    config.tensor_parallel_size,
    config.pipeline_parallel_size,
    dataParallelOf(config),
    config.expert_parallel ? 'ep' : '',
    config.quantization ?? '',
    config.kv_cache_dtype,
  ].join(' ')
}

export interface Ranked<T extends Evaluated> {
  candidate: T
  layout: string
  keys: number[]
}

export const compareRanked = <T extends Evaluated>(a: Ranked<T>, b: Ranked<T>): number =>
  compareKeys(a.keys, b.keys) || (a.layout < b.layout ? -1 : a.layout > b.layout ? 1 : 0)

export const toRanked = <T extends Evaluated>(candidate: T, ranking: Ranking): Ranked<T> => ({
  candidate,
  layout: layoutKey(candidate),
  keys: rankKeys(candidate, ranking),
})

/** Best first: `listed` holds the best of each layout, `outranked` every other. */
export function rankCandidates<T extends Evaluated>(
  candidates: readonly T[],
  ranking: Ranking,
  most: number,
): { listed: T[]; outranked: T[] } {
  const keyed = candidates.map((candidate) => toRanked(candidate, ranking)).sort(compareRanked)
  const layouts = new Set<string>()
  const listed: T[] = []
  const outranked: T[] = []
  for (const { candidate, layout } of keyed) {
    if (listed.length < most && !layouts.has(layout)) {
      layouts.add(layout)
      listed.push(candidate)
    } else outranked.push(candidate)
  }
  return { listed, outranked }
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i] ?? 0, b[i] ?? 0]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}
