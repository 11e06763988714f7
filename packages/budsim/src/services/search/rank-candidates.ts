/** Best first by objective; near ties go to fewer GPUs, then to lower latency, then to more room. */
import type { Objective } from '@bud/kernel'
import type { Evaluated } from './search-types.ts'

/** Figures within 2 % of each other are a tie: predictions are not finer than that. */
const TIE = Math.log(1.02)

const bucket = (value: number): number => Math.round(Math.log(Math.max(value, 1e-9)) / TIE)

function keysOf({ deployment, prediction }: Evaluated, objective: Objective): number[] {
  const cost = prediction.cost_usd_per_hour ?? Number.POSITIVE_INFINITY
  const latency = bucket(prediction.e2e_ms.value)
  const ties = [
    prediction.gpus,
    latency,
    -bucket(prediction.max_output_tokens_per_s.value),
    bucket(prediction.ttft_ms_p99.value),
    deployment.config.max_num_seqs,
    deployment.config.max_num_batched_tokens ?? 0,
  ]
  switch (objective) {
    case 'cost':
      return [cost, ...ties]
    case 'latency':
      return [latency, ...ties]
    case 'throughput':
      return [-bucket(prediction.max_output_tokens_per_s.value), ...ties]
  }
}

export const layoutKey = ({ deployment }: Evaluated): string =>
  `${deployment.runtime} ${deployment.resources.gpu_type} ${deployment.config.tensor_parallel_size} ${deployment.config.pipeline_parallel_size}`

/** One configuration may be here with several replica counts: it counts once. */
const configurationKey = (one: Evaluated): string =>
  `${layoutKey(one)} ${one.deployment.config.max_num_seqs} ${one.deployment.config.max_num_batched_tokens}`

/** Best first: `listed` holds the best of each layout, `outranked` every configuration not listed. */
export function rankCandidates<T extends Evaluated>(
  candidates: readonly T[],
  objective: Objective,
  most: number,
): { listed: T[]; outranked: T[] } {
  const keyed = candidates.map((candidate) => ({
    candidate,
    layout: layoutKey(candidate),
    keys: keysOf(candidate, objective),
  }))
  keyed.sort((a, b) => compareKeys(a.keys, b.keys) || (a.layout < b.layout ? -1 : 1))
  const layouts = new Set<string>()
  const listed: T[] = []
  for (const { candidate, layout } of keyed) {
    if (listed.length === most) break
    if (layouts.has(layout)) continue
    layouts.add(layout)
    listed.push(candidate)
  }
  const counted = new Set(listed.map(configurationKey))
  const outranked: T[] = []
  for (const { candidate } of keyed) {
    const key = configurationKey(candidate)
    if (counted.has(key)) continue
    counted.add(key)
    outranked.push(candidate)
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
