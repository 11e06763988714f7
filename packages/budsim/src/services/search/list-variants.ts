/** The batch limits tried in each layout, one replica each; the search sets the replicas. */
import type { Deployment, ModelFacts, Workload } from '@bud/kernel'
import { estimateMemory } from '../../domain/memory-fit.ts'
import { clamp } from '../../domain/model-shape.ts'
import { gpusOfLayout } from './list-shapes.ts'
import type { Shape } from './search-types.ts'

const MAX_NUM_SEQS = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024]
/** Even few requests come together at times: so many sequences are always worth trying. */
const LEAST_ROOM = 8
/** Tokens of one engine step: the usual, and what is tried besides where it can matter. */
const STEP_TOKENS = { small: 2048, usual: 8192, large: 16_384 }
/** Prompts from here on fill a large step. */
const LONG_PROMPT_TOKENS = 4096
/** A small step is tried where it takes a prompt in parts, or gives the cache more than this share back. */
const NOTICED_CACHE_SHARE = 0.05
const DEFAULT_MEMORY_HEADROOM = 0.1
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
  const [smallest = 1] = MAX_NUM_SEQS
  const memoryAt = (step: number) => {
    const deployment = toDeployment(shape, query, smallest, step)
    return estimateMemory({ facts, deployment, gpu: shape.gpu, workload })
  }
  const memory = memoryAt(STEP_TOKENS.small)
  const steps = stepsOf(workload, memory.kv_cache_bytes, memoryAt(STEP_TOKENS.usual).kv_cache_bytes)
  const offered = Math.max(workload.concurrency ?? Number.POSITIVE_INFINITY, LEAST_ROOM)
  const running = Math.ceil(memory.max_concurrent_sequences * runningRoom(workload))
  const filled = memory.fits ? Math.min(offered, Math.max(running, 1)) : offered
  return MAX_NUM_SEQS.filter((size) => size >= shape.dataParallelSize)
    .filter((_, index, sizes) => index === 0 || (sizes[index - 1] ?? 0) < filled)
    .reverse()
    .flatMap((maxNumSeqs) => steps.map((step) => toDeployment(shape, query, maxNumSeqs, step)))
}

/** Running sequences are half answered on average, and the cache holds somewhat more than it must: so many more run. */
const runningRoom = ({ input_tokens: input, output_tokens: output }: Workload): number =>
  (1.1 * (input + output)) / (input + output / 2)

function stepsOf(workload: Workload, smallStepCache: number, usualStepCache: number): number[] {
  const newTokens = workload.input_tokens * (1 - workload.prefix_cache_share)
  const steps = [STEP_TOKENS.usual]
  if (newTokens > STEP_TOKENS.small || usualStepCache < smallStepCache * (1 - NOTICED_CACHE_SHARE)) {
    steps.unshift(STEP_TOKENS.small)
  }
  if (newTokens > LONG_PROMPT_TOKENS) steps.push(STEP_TOKENS.large)
  return steps
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
