/** The space: every engine × GPU type present × layout × number format, also those without room. */
import { EngineName, type GpuSpec, type ModelFacts } from '@bud/kernel'
import { replicaCapacity } from '../../domain/plan-placement.ts'
import { isWide } from '../../domain/served-facts.ts'
import type { SearchQuery, Shape } from './search-types.ts'

const PARALLEL = [1, 2, 4, 8, 16, 32, 64]
const PIPELINE_PARALLEL = [1, 2, 4, 8]
/** A node has eight GPUs at most unless its GPUs say that their scale-up domain is larger. */
const COMMON_NODE_GPUS = 8
const MOST_REPLICAS = 1000

export const widestTensorParallel = (gpu: GpuSpec): number => Math.max(gpu.scale_up_domain_gpus, COMMON_NODE_GPUS)

export type ShapeLayout = Pick<
  Shape,
  'tensorParallelSize' | 'pipelineParallelSize' | 'dataParallelSize' | 'expertParallel'
>
type ShapeFormat = Pick<Shape, 'quantization' | 'kvCacheDtype'>

export const gpusOfLayout = (layout: ShapeLayout): number =>
  layout.tensorParallelSize * layout.pipelineParallelSize * layout.dataParallelSize

/** Every layout worth naming, also those without room: they are rejected with the reason. */
export function listShapes(query: SearchQuery): Shape[] {
  const shapes: Shape[] = []
  const runtimes = query.runtimes ?? EngineName.options
  for (const gpu of query.gpus) {
    const nodes = query.nodes.filter((node) => node.gpu_type === gpu.id)
    if (nodes.length === 0) continue
    const largest = nodes.reduce((most, node) => Math.max(most, node.free), 0)
    const total = nodes.reduce((sum, node) => sum + node.free, 0)
    const widest = Math.max(largest, 1, Math.min(widestTensorParallel(gpu), total))
    for (const layout of listLayouts(query.facts, widest, Math.max(total, 1))) {
      for (const runtime of runtimes) {
        if (runtime === 'tensorrt-llm' && layout.dataParallelSize > 1 && layout.tensorParallelSize > 1) continue
        const maxReplicas = replicaCapacity({
          nodes,
          gpus_per_replica: gpusOfLayout(layout),
          tensor_parallel_size: layout.tensorParallelSize,
          data_parallel_size: layout.dataParallelSize,
          pipeline_across_nodes: query.pipeline_across_nodes === true && runtime === 'vllm',
        })
        for (const format of listFormats(query, runtime, gpu)) {
          shapes.push({ runtime, gpu, ...layout, ...format, nodes, maxReplicas: Math.min(maxReplicas, MOST_REPLICAS) })
        }
      }
    }
  }
  return shapes
}

/**
 * Tensor × pipeline, and for expert models the experts spread over the tensor group, or over attention ranks. `widest`:
 * GPUs that one stage may take; `most`: that one replica may.
 */
export function listLayouts(facts: ModelFacts, widest: number, most: number): ShapeLayout[] {
  const layouts: ShapeLayout[] = []
  for (const tensorParallelSize of PARALLEL.filter((size) => size <= widest)) {
    for (const pipelineParallelSize of PIPELINE_PARALLEL) {
      if (pipelineParallelSize > facts.layers || tensorParallelSize * pipelineParallelSize > most) break
      layouts.push({ tensorParallelSize, pipelineParallelSize, dataParallelSize: 1, expertParallel: false })
    }
    if (!facts.experts) continue
    for (const dataParallelSize of PARALLEL) {
      const sharing = tensorParallelSize * dataParallelSize
      if (sharing === 1 || sharing > widest || sharing > most || facts.experts.count % sharing !== 0) continue
      layouts.push({ tensorParallelSize, pipelineParallelSize: 1, dataParallelSize, expertParallel: true })
    }
  }
  return layouts
}

/** As published; with leave also narrower weights, where the engine and the GPU can, and a narrower cache. */
function listFormats({ facts, allow_quantization }: SearchQuery, runtime: EngineName, gpu: GpuSpec): ShapeFormat[] {
  const formats: ShapeFormat[] = [{ quantization: undefined, kvCacheDtype: 'auto' }]
  if (allow_quantization !== true || gpu.fp8_tflops === null) return formats
  // TensorRT-LLM's narrow checkpoints bring an FP8 cache anyway.
  if (runtime !== 'tensorrt-llm' || isWide(facts)) formats.push({ quantization: undefined, kvCacheDtype: 'fp8' })
  if (isWide(facts) && runtime !== 'tensorrt-llm') {
    formats.push({ quantization: 'fp8', kvCacheDtype: 'auto' }, { quantization: 'fp8', kvCacheDtype: 'fp8' })
  }
  return formats
}
