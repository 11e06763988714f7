/** One replica's engine, put together from its deployment: limits, batch, timing and metrics. */
import { createStepModel, estimateMemory, type KernelModel, type StepModel } from '@bud/budsim'
import { type EngineFacts, engineFacts, engineMetricFamilies, type MetricFamily } from '@bud/engines'
import { assertNever, type Deployment, type EngineName, type GpuSpec, type ModelFacts } from '@bud/kernel'
import { Batcher } from '../domain/batcher.ts'
import { BusyMeter } from '../domain/busy-meter.ts'
import { createHiddenTruth } from '../domain/hidden-truth.ts'
import { hashText } from '../domain/random.ts'
import type { EngineGauges, EngineRecorder, RecorderSetting } from '../metrics/recorder.ts'
import { createSglangRecorder } from '../metrics/sglang-recorder.ts'
import { createTensorrtLlmRecorder } from '../metrics/tensorrt-llm-recorder.ts'
import { createVllmRecorder } from '../metrics/vllm-recorder.ts'
import { Engine } from './engine.ts'
import type { Timers } from './timers.ts'

/** Equal replicas share what never changes. */
const stepModels = new WeakMap<Deployment, Map<string, StepModel>>()
const familyLists = new Map<string, readonly MetricFamily[]>()

const FALLBACK_CONTEXT_TOKENS = 32_768

export interface ReplicaModel {
  facts: ModelFacts
  deployment: Deployment
  gpu: GpuSpec
  servedModelName: string
}

export interface EngineRuntime {
  readonly engine: Engine
  readonly recorder: EngineRecorder
  readonly busy: BusyMeter
  readonly maxModelLen: number
  gauges(): EngineGauges
}

export interface RuntimeSize {
  weightsBytesPerGpu: number
  /** Weights, cache and overhead: what the engine holds of each GPU once it has started. */
  heldBytesPerGpu: number
  /** Why the start ends in the engine's own words; null when it will not. */
  failure: string | null
}

export const engineFactsOf = ({ deployment }: ReplicaModel): EngineFacts =>
  engineFacts(deployment.runtime, deployment.runtime_version)

/** What a start will find, before anything runs. */
export function sizeRuntime({ facts, deployment, gpu }: ReplicaModel): RuntimeSize {
  const fit = estimateMemory({ facts, deployment, gpu })
  const held = fit.weights_bytes + fit.activation_bytes + fit.overhead_bytes + fit.kv_cache_bytes
  const size = { weightsBytesPerGpu: fit.weights_bytes, heldBytesPerGpu: Math.min(held, fit.gpu_memory_bytes) }
  if (fit.fits) return { ...size, failure: null }
  const cacheOnly = fit.kv_cache_bytes > 0
  return {
    ...size,
    failure: cacheOnly ? cacheTooSmall(deployment, fit.kv_capacity_tokens) : outOfMemory(gpu, fit.weights_bytes),
  }
}

export function outOfMemory(gpu: GpuSpec, weightsBytes: number): string {
  const total = (gpu.memory_gb * 1e9) / 2 ** 30
  const asked = Math.max(0.25, weightsBytes / 2 ** 30 / 40)
  return `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${asked.toFixed(2)} GiB. GPU 0 has a total capacity of ${total.toFixed(2)} GiB of which ${(asked / 3).toFixed(2)} GiB is free.`
}

const cacheTooSmall = (deployment: Deployment, tokens: number) =>
  `ValueError: To serve at least one request with the model's max seq len (${deployment.config.max_model_len ?? 'default'}), more KV cache is needed than is available (room for ${tokens} tokens). Try increasing gpu_memory_utilization or decreasing max_model_len.`

/** What every engine of a cluster shares. */
export interface EngineContext {
  timers: Timers
  kernels: KernelModel
}

export function createEngineRuntime(
  model: ReplicaModel,
  { timers, kernels }: EngineContext,
  seedText: string,
): EngineRuntime {
  const { facts, deployment, gpu } = model
  const { config } = deployment
  const physics = stepModelOf(model, kernels)
  const blockTokens = engineFactsOf(model).kv_block_tokens
  const truth = createHiddenTruth({ facts, gpu: gpu.id, engine: deployment.runtime }, hashText(seedText))
  const kvCapacityTokens = Math.floor(physics.kv_capacity_tokens)
  const longest = config.max_model_len ?? facts.context_length ?? FALLBACK_CONTEXT_TOKENS
  const maxModelLen = Math.min(longest, Math.floor(kvCapacityTokens / blockTokens) * blockTokens)
  const recorder = createRecorder(deployment.runtime, {
    families: familiesOf(deployment.runtime, maxModelLen),
    servedModelName: model.servedModelName,
    maxModelLen,
    maxNumSeqs: config.max_num_seqs,
    maxNumBatchedTokens: physics.max_num_batched_tokens,
    gpuMemoryUtilization: config.gpu_memory_utilization,
    prefixCaching: config.enable_prefix_caching,
    kvCapacityTokens,
    kvBlockTokens: blockTokens,
    startedAtS: timers.nowMs() / 1000,
  })
  const batcher = new Batcher(
    {
      maxNumSeqs: config.max_num_seqs,
      maxNumBatchedTokens: physics.max_num_batched_tokens,
      kvCapacityTokens,
      kvBlockTokens: blockTokens,
      prefixCaching: config.enable_prefix_caching,
    },
    recorder,
  )
  const busy = new BusyMeter()
  const engine = new Engine({
    batcher,
    timers,
    busy,
    requestOverheadMs: physics.request_overhead_ms,
    stepMs: (plan) => {
      const decode = {
        prefill_tokens: 0,
        prefill_context_tokens: 0,
        decode_batch: plan.decodeBatch,
        mean_context_tokens: plan.meanContextTokens,
      }
      const decodeMs = plan.decodeBatch === 0 ? 0 : physics.stepMs(decode)
      if (plan.prefillTokens === 0) return truth.stepMs({ decodeMs, prefillMs: 0 })
      const allMs = physics.stepMs({
        ...decode,
        prefill_tokens: plan.prefillTokens,
        prefill_context_tokens: plan.prefillContextTokens,
      })
      return truth.stepMs({ decodeMs, prefillMs: Math.max(0, allMs - decodeMs) })
    },
    stepped: (plan, durationMs) => recorder.stepped(plan, durationMs),
    aborted: (active) => recorder.aborted(active),
  })
  return {
    engine,
    recorder,
    busy,
    maxModelLen,
    gauges: () => ({
      running: batcher.running,
      waiting: batcher.waiting,
      kvUsage: batcher.kv.usage,
      kvBlocks: batcher.kv.totalBlocks,
      kvUsedBlocks: batcher.kv.usedBlocks,
      kvBlockTokens: blockTokens,
    }),
  }
}

function stepModelOf({ facts, gpu, deployment }: ReplicaModel, kernels: KernelModel): StepModel {
  const byGpu = stepModels.get(deployment) ?? new Map<string, StepModel>()
  stepModels.set(deployment, byGpu)
  const physics = byGpu.get(gpu.id) ?? createStepModel({ facts, gpu, deployment, kernels })
  byGpu.set(gpu.id, physics)
  return physics
}

function familiesOf(engine: EngineName, maxModelLen: number): readonly MetricFamily[] {
  const key = `${engine} ${maxModelLen}`
  const families = familyLists.get(key) ?? engineMetricFamilies(engine, maxModelLen)
  familyLists.set(key, families)
  return families
}

function createRecorder(engine: EngineName, setting: RecorderSetting): EngineRecorder {
  switch (engine) {
    case 'vllm':
      return createVllmRecorder(setting)
    case 'sglang':
      return createSglangRecorder(setting)
    case 'tensorrt-llm':
      return createTensorrtLlmRecorder(setting)
    default:
      return assertNever(engine)
  }
}
