/** The batch limits tried in each layout, one replica each; the search sets the replicas. */
import type { Deployment, ModelFacts, Workload } from '@bud/kernel'
import { estimateMemory } from '../../domain/memory-fit.ts'
import { clamp } from '../../domain/model-shape.ts'
import { gpusOfLayout } from './list-shapes.ts'
import type { Shape } from './search-types.ts'

const MAX_NUM_SEQS = [8, 16, 32, 64, 128, 256, 512, 1024]
const MAX_NUM_BATCHED_TOKENS = [2048, 8192]
/** Tried where prompts are longer than `LONG_PROMPT_TOKENS`: shorter ones never fill it. */
const LARGEST_STEP_TOKENS = 16_384
const LONG_PROMPT_TOKENS = 4096
export const DEFAULT_MEMORY_HEADROOM = 0.1
/** Requests longer than the mean must be accepted too. */
const LENGTH_MARGIN = 4
const SHORTEST_MODEL_LENGTH = 8192

export interface VariantQuery {
  facts: ModelFacts
  workload: Workload
  memory_headroom?: number | undefined
}

/**
 * Largest first. Left out are limits that could never be reached: beyond the requests in flight, and beyond the
 * sequences whose cache fits, one step of the ladder each way.
 */
export function listVariants(shape: Shape, query: VariantQuery): Deployment[] {
  const { workload, facts } = query
  const newTokens = workload.input_tokens * (1 - workload.prefix_cache_share)
  const steps =
    newTokens > LONG_PROMPT_TOKENS ? [...MAX_NUM_BATCHED_TOKENS, LARGEST_STEP_TOKENS] : MAX_NUM_BATCHED_TOKENS
  const [smallest = 1] = MAX_NUM_SEQS
  const [leastStep = 2048] = steps
  const first = toDeployment(shape, query, smallest, leastStep)
  const memory = estimateMemory({ facts, deployment: first, gpu: shape.gpu, workload })
  const offered = workload.concurrency ?? Number.POSITIVE_INFINITY
  const filled = memory.fits ? Math.min(offered, Math.max(memory.max_concurrent_sequences, 1)) : offered
  return MAX_NUM_SEQS.filter((size) => size >= shape.dataParallelSize)
    .filter((_, index, sizes) => index === 0 || (sizes[index - 1] ?? 0) < filled)
    .reverse()
    .flatMap((maxNumSeqs) => steps.map((step) => toDeployment(shape, query, maxNumSeqs, step)))
}

function toDeployment(shape: Shape, query: VariantQuery, maxNumSeqs: number, maxNumBatchedTokens: number): Deployment {
  const headroom = query.memory_headroom ?? DEFAULT_MEMORY_HEADROOM
  return {
    runtime: shape.runtime,
    config: {
      tensor_parallel_size: shape.tensorParallelSize,
      pipeline_parallel_size: shape.pipelineParallelSize,
      ...(shape.dataParallelSize > 1 && { data_parallel_size: shape.dataParallelSize }),
      ...(shape.expertParallel && { expert_parallel: true }),
      ...(shape.quantization && { quantization: shape.quantization }),
      max_model_len: modelLength(query),
      max_num_seqs: maxNumSeqs,
      max_num_batched_tokens: maxNumBatchedTokens,
      gpu_memory_utilization: Math.round((1 - headroom) * 1e4) / 1e4,
      kv_cache_dtype: shape.kvCacheDtype,
      enable_prefix_caching: true,
    },
    replicas: 1,
    resources: { gpu_type: shape.gpu.id, gpu_count: gpusOfLayout(shape) },
  }
}

/** Room for requests of several times the mean length, within the model's context. */
function modelLength({ facts, workload }: VariantQuery): number {
  const mean = workload.input_tokens + workload.output_tokens
  const roomy = Math.max(2 ** Math.ceil(Math.log2(mean * LENGTH_MARGIN)), SHORTEST_MODEL_LENGTH)
  return facts.context_length === null ? roomy : clamp(roomy, 16, facts.context_length)
}
