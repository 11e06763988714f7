/** The fewest GPUs of a type that hold one replica of a model, as a deployment leaves everything but the layout. */
import type { Deployment, GpuSpec, MemoryFit, ModelFacts, Workload } from '@bud/kernel'
import { checkDeployment } from '../domain/check-deployment.ts'
import { estimateMemory } from '../domain/memory-fit.ts'
import { gpusOfLayout, listLayouts, type ShapeLayout, widestTensorParallel } from './search/list-shapes.ts'

export interface LayoutQuery {
  facts: ModelFacts
  gpu: GpuSpec
  /** Its layout is replaced. */
  deployment: Deployment
  workload?: Pick<Workload, 'input_tokens' | 'output_tokens'> | undefined
}

/** Nodes that a pipeline may cross. */
const MOST_NODES = 8

/** Undefined where no layout fits, for memory or for what the engine cannot do. Tensor before pipeline parallelism. */
export function smallestLayout(query: LayoutQuery): { deployment: Deployment; memory: MemoryFit } | undefined {
  const { facts, gpu, workload } = query
  const widest = widestTensorParallel(gpu)
  const layouts = listLayouts(facts, widest, widest * MOST_NODES).sort(
    (a, b) =>
      gpusOfLayout(a) - gpusOfLayout(b) ||
      a.pipelineParallelSize - b.pipelineParallelSize ||
      a.dataParallelSize - b.dataParallelSize,
  )
  for (const layout of layouts) {
    const deployment = laidOut(query.deployment, layout)
    const memory = estimateMemory({ facts, deployment, gpu, workload })
    if (memory.fits && checkDeployment({ facts, deployment, gpu }).blocking.length === 0) return { deployment, memory }
  }
  return undefined
}

const laidOut = ({ config, ...deployment }: Deployment, layout: ShapeLayout): Deployment => ({
  ...deployment,
  config: {
    ...config,
    tensor_parallel_size: layout.tensorParallelSize,
    pipeline_parallel_size: layout.pipelineParallelSize,
    data_parallel_size: layout.dataParallelSize,
    expert_parallel: layout.expertParallel,
  },
  resources: { ...deployment.resources, gpu_count: gpusOfLayout(layout) },
})
