/** How one replica is spread over GPUs, as configurations state it and as sentences say it. */
import type { EngineConfiguration } from '@bud/kernel'

type Layout = Pick<
  EngineConfiguration,
  'tensor_parallel_size' | 'pipeline_parallel_size' | 'data_parallel_size' | 'expert_parallel'
>

export const dataParallelOf = ({ data_parallel_size }: Layout): number => data_parallel_size ?? 1

/** GPUs of one pipeline stage: they exchange activations in every layer and belong on one node. */
export const gpusPerStage = (layout: Layout): number => layout.tensor_parallel_size * dataParallelOf(layout)

export const gpusPerReplica = (layout: Layout): number => gpusPerStage(layout) * layout.pipeline_parallel_size

/** "TP 4", "TP 4 × PP 2", "TP 1 × DP 8 with EP". */
export function layoutName(layout: Layout, always: 'pp' | 'tp' = 'tp'): string {
  const parts = [`TP ${layout.tensor_parallel_size}`]
  if (always === 'pp' || layout.pipeline_parallel_size > 1) parts.push(`PP ${layout.pipeline_parallel_size}`)
  if (dataParallelOf(layout) > 1) parts.push(`DP ${dataParallelOf(layout)}`)
  return parts.join(' × ') + (layout.expert_parallel ? ' with EP' : '')
}
