/** Does one replica fit its GPUs, and how many tokens can it keep? Bytes, per GPU, with the reason when it does not. */
import type { Deployment, GpuSpec, MemoryFit, ModelFacts, Reason, Workload } from '@bud/kernel'
import { kvBytesPerElement, maxNumBatchedTokensOf } from './engine-defaults.ts'
import { type ModelShape, sequenceCacheBytes, toModelShape, weightBytesPerGpu } from './model-shape.ts'
import { dataParallelOf, gpusPerReplica, layoutName } from './replica-layout.ts'
import { servedFacts } from './served-facts.ts'

const GB = 1e9
/** CUDA context, cuBLAS workspaces and captured graphs; with more GPUs also NCCL's buffers. */
const SINGLE_GPU_OVERHEAD_BYTES = 1.2 * GB
const COMMUNICATION_OVERHEAD_BYTES = 0.6 * GB
const ACTIVATION_BYTES_PER_ELEMENT = 2
/** Live hidden-sized buffers of a layer at the peak: residual, normalised input, attention in and out, workspace. */
const LIVE_HIDDEN_BUFFERS = 6
const LOGITS_BYTES = 4
/** Without a workload, windowed and recurrent caches are counted for sequences of this many tokens. */
const REFERENCE_SEQUENCE_TOKENS = 4096

export interface MemoryQuery {
  facts: ModelFacts
  deployment: Deployment
  gpu: GpuSpec
  workload?: Pick<Workload, 'input_tokens' | 'output_tokens'> | undefined
}

const shapes = new WeakMap<ModelFacts, ModelShape>()

function shapeOf(facts: ModelFacts): ModelShape {
  let shape = shapes.get(facts)
  if (!shape) {
    shape = toModelShape(facts)
    shapes.set(facts, shape)
  }
  return shape
}

/**
 * Memory of one GPU of one replica. It fits when weights, activations and overhead leave the cache of one sequence:
 * `max_model_len` where given, else the workload's length. With attention data parallelism each rank keeps a cache of
 * its own, and a replica holds the sequences of all ranks.
 */
export function estimateMemory(query: MemoryQuery): MemoryFit {
  const { deployment, gpu, workload } = query
  const { config } = deployment
  const facts = servedFacts(query.facts, config)
  const shape = shapeOf(facts)
  const ranks = dataParallelOf(config)
  const layout = {
    tensorParallelSize: config.tensor_parallel_size,
    pipelineParallelSize: config.pipeline_parallel_size,
    dataParallelSize: ranks,
    kvBytesPerElement: kvBytesPerElement(deployment, facts),
  }
  const total = gpu.memory_gb * GB
  const usable = total * config.gpu_memory_utilization
  const weights = weightBytesPerGpu(facts, shape, layout)
  const activations = activationBytes(facts, deployment, gpu)
  const overhead = SINGLE_GPU_OVERHEAD_BYTES + (gpusPerReplica(config) > 1 ? COMMUNICATION_OVERHEAD_BYTES : 0)
  const left = usable - weights - activations - overhead
  const typical = typicalSequenceTokens(facts, deployment, workload)
  const longest = config.max_model_len ?? typical
  const perTypical = sequenceCacheBytes(facts, shape, layout, typical)
  const perLongest = sequenceCacheBytes(facts, shape, layout, longest)
  const cache = Math.max(left, 0)
  const fits = left >= perLongest
  return {
    fits,
    gpu_memory_bytes: total,
    weights_bytes: weights,
    activation_bytes: activations,
    overhead_bytes: overhead,
    kv_cache_bytes: cache,
    headroom_bytes: total - usable,
    kv_capacity_tokens: Math.floor((cache / perTypical) * typical) * ranks,
    max_concurrent_sequences: Math.floor(cache / perTypical) * ranks,
    reason: fits
      ? null
      : memoryReason({ facts, deployment, gpu, usable, weights, activations, overhead, perLongest, longest }),
  }
}

function typicalSequenceTokens(facts: ModelFacts, deployment: Deployment, workload: MemoryQuery['workload']): number {
  if (workload) return workload.input_tokens + workload.output_tokens
  const longest = deployment.config.max_model_len ?? facts.context_length ?? REFERENCE_SEQUENCE_TOKENS
  return Math.min(longest, REFERENCE_SEQUENCE_TOKENS)
}

function activationBytes(facts: ModelFacts, deployment: Deployment, gpu: GpuSpec): number {
  const { config } = deployment
  const tokens = maxNumBatchedTokensOf(deployment, gpu)
  const widest = Math.max(
    facts.intermediate_size,
    (facts.experts?.intermediate_size ?? 0) * (facts.experts?.per_token ?? 0),
    facts.attention_heads * facts.head_dim,
  )
  const perToken = LIVE_HIDDEN_BUFFERS * facts.hidden_size + (2 * widest) / config.tensor_parallel_size
  const logits =
    Math.min(Math.ceil(config.max_num_seqs / dataParallelOf(config)), tokens) * facts.vocab_size * LOGITS_BYTES
  return tokens * perToken * ACTIVATION_BYTES_PER_ELEMENT + logits
}

interface MemoryShortfall {
  facts: ModelFacts
  deployment: Deployment
  gpu: GpuSpec
  usable: number
  weights: number
  activations: number
  overhead: number
  perLongest: number
  longest: number
}

function memoryReason(shortfall: MemoryShortfall): Reason {
  const { facts, deployment, gpu, usable, weights, activations, overhead, perLongest, longest } = shortfall
  const { config } = deployment
  const needed = weights + activations + overhead + perLongest
  const parts = `${gb(weights)} weights + ${gb(activations)} activations + ${gb(overhead)} overhead + ${gb(perLongest)} KV cache for one sequence of ${longest} tokens`
  const onlyCache = weights + activations + overhead < usable
  return {
    code: onlyCache ? 'kv-cache-too-small' : 'gpu-memory-exceeded',
    message: `The model’s ${billions(facts.parameter_count)} parameters in ${facts.weight_precision} at ${layoutName(config, 'pp')} need ${gb(needed)} per GPU; ${gpu.id} offers ${gb(usable)} (${Math.round(config.gpu_memory_utilization * 100)} % of ${gb(gpu.memory_gb * GB)}).`,
    path:
      onlyCache && config.max_model_len !== undefined
        ? 'deployment.config.max_model_len'
        : 'deployment.config.tensor_parallel_size',
    evidence: parts,
    next_step: onlyCache
      ? 'Shorten max_model_len, spread over more GPUs, or use kv_cache_dtype fp8.'
      : 'Raise tensor_parallel_size, choose a GPU with more memory, or a quantised version of the model.',
  }
}

/** A reason of this module: more memory, or more GPUs, would remove it. */
export const isShortOfMemory = ({ code }: Reason): boolean =>
  code === 'gpu-memory-exceeded' || code === 'kv-cache-too-small'

const gb = (bytes: number): string => `${(bytes / GB).toFixed(1)} GB`
const billions = (count: number): string => `${(count / 1e9).toFixed(1)} B`
