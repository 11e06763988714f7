/** The space: every engine × GPU type present × tensor × pipeline layout, and the batch limits tried in each. */
import { type Deployment, EngineName, type GpuSpec, type ModelFacts, type Workload } from '@bud/kernel'
import { clamp } from '../../domain/model-shape.ts'
import { replicaCapacity } from '../../domain/plan-placement.ts'
import type { SearchQuery, Shape } from './search-types.ts'

export const TENSOR_PARALLEL = [1, 2, 4, 8, 16, 32, 64]
export const PIPELINE_PARALLEL = [1, 2, 4, 8]
/** A node has eight GPUs at most unless its GPUs say that their scale-up domain is larger. */
const COMMON_NODE_GPUS = 8
const MAX_NUM_SEQS = [8, 16, 32, 64, 128, 256, 512, 1024]
const MAX_NUM_BATCHED_TOKENS = [2048, 8192, 16_384]
const MEMORY_UTILISATION = 0.9
/** Requests longer than the mean must be accepted too. */
const LENGTH_MARGIN = 4
const SHORTEST_MODEL_LENGTH = 8192

export const widestTensorParallel = (gpu: GpuSpec): number => Math.max(gpu.scale_up_domain_gpus, COMMON_NODE_GPUS)

export const VARIANTS_PER_SHAPE = MAX_NUM_SEQS.length * MAX_NUM_BATCHED_TOKENS.length

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
    for (const tensorParallelSize of TENSOR_PARALLEL) {
      if (tensorParallelSize > widest) break
      for (const pipelineParallelSize of PIPELINE_PARALLEL) {
        const perReplica = tensorParallelSize * pipelineParallelSize
        if (pipelineParallelSize > query.facts.layers || perReplica > Math.max(total, 1)) break
        for (const runtime of runtimes) {
          const maxReplicas = replicaCapacity({
            nodes,
            gpus_per_replica: perReplica,
            tensor_parallel_size: tensorParallelSize,
            pipeline_across_nodes: query.pipeline_across_nodes === true && runtime === 'vllm',
          })
          shapes.push({ runtime, gpu, tensorParallelSize, pipelineParallelSize, nodes, maxReplicas })
        }
      }
    }
  }
  return shapes
}

/** Batch limits for one layout, one replica; the caller sets replicas. */
export function listVariants(shape: Shape, facts: ModelFacts, workload: Workload): Deployment[] {
  const maxModelLen = modelLength(facts, workload)
  return MAX_NUM_SEQS.flatMap((maxNumSeqs) =>
    MAX_NUM_BATCHED_TOKENS.map((maxNumBatchedTokens) => ({
      runtime: shape.runtime,
      config: {
        tensor_parallel_size: shape.tensorParallelSize,
        pipeline_parallel_size: shape.pipelineParallelSize,
        max_model_len: maxModelLen,
        max_num_seqs: maxNumSeqs,
        max_num_batched_tokens: maxNumBatchedTokens,
        gpu_memory_utilization: MEMORY_UTILISATION,
        kv_cache_dtype: 'auto' as const,
        enable_prefix_caching: true,
      },
      replicas: 1,
      resources: {
        gpu_type: shape.gpu.id,
        gpu_count: shape.tensorParallelSize * shape.pipelineParallelSize,
      },
    })),
  )
}

/** Room for requests of several times the mean length, within the model's context. */
function modelLength(facts: ModelFacts, workload: Workload): number {
  const mean = workload.input_tokens + workload.output_tokens
  const roomy = Math.max(2 ** Math.ceil(Math.log2(mean * LENGTH_MARGIN)), SHORTEST_MODEL_LENGTH)
  return facts.context_length === null ? roomy : clamp(roomy, 16, facts.context_length)
}
