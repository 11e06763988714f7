/**
 * What the kernels say about one case, before anything learnt: the batch that runs, times per step and prompt part by
 * part, and how much the cache admits. Calibration and trees start from these figures. Formulas: predictor study,
 * section 4. Times are milliseconds of one attention rank.
 */
import type { KernelModel } from '../kernels/kernel-model.ts'
import { clamp, type ModelShape, sequenceCacheBytes, toModelShape } from '../model-shape.ts'
import { createReplicaPasses, type PassParts, type ReplicaPasses, totalUs } from './replica-passes.ts'
import { gpusPerReplica, type ReplicaBuild, ranksOf, type ServingCase } from './serving-case.ts'

export interface CasePhysics {
  /** Sequences decoded together on one rank. */
  batch: number
  /** Sequences one rank admits: the cache at a running sequence's mean length, and `max_num_seqs`. */
  capacity: number
  /** Sequences the cache alone admits. */
  cacheCapacity: number
  /** Requests in flight ÷ those admitted, at least 1. */
  waves: number
  /** Output tokens of a sequence per decode step: more than one when speculating. */
  acceptedPerStep: number
  /** Parts of one decode step, and their sum, per output token of a sequence. */
  decode: PassParts
  decodeMs: number
  /** One prompt alone, and its share when prompts fill a step. */
  prefillMs: number
  prefillParts: PassParts
  promptMs: number
  /** Prompts that share one step. */
  promptsPerStep: number
  /** Delay of a step by prompts that come in while others decode. */
  interferenceMs: number
  contextTokens: number
  ranks: number
  /** Plain roofline of a step and of a prompt: weights and cache over bandwidth, or arithmetic over peak. */
  rooflineDecodeMs: number
  rooflinePrefillMs: number
}

export interface CasePhysicsModel {
  measure(one: ServingCase): CasePhysics
}

/** Engines' own limits on running sequences where a case does not say. */
const DEFAULT_MAX_NUM_SEQS = { 'tensorrt-llm': 2048, other: 1024, vllmBurst: 512, otherBurst: 2048 } as const
/** Little's law counts requests between two steps as well: so much more than the slots may be in flight unseen. */
const SLOT_HEADROOM = 1.1
/** Real answers and prompts are somewhat shorter than nominal, so the cache holds more of them. */
const CACHE_HEADROOM = 1.1
/**
 * Bubbles and uneven stages of a full pipeline: TensorRT-LLM’s published maxima on RTX PRO 6000 lose 17 % with two
 * stages against none, 29 % with four and 39 % with eight.
 */
const PIPELINE_LOSS_EXPONENT = 0.25
const BISECTIONS = 24
const LEAST_BATCH = 0.5
const RATE_STEP_FACTOR = 1.3
const RATE_STEP_MS = 1
/** With neither rate nor concurrency stated. */
const UNSTATED_BATCH = 2
const MOST_PROMPTS_PER_STEP = 64
const NO_SPECULATION = { draftedTokens: 1, acceptedTokens: 1 } as const

interface Built {
  shape: ModelShape
  passes: ReplicaPasses
}

/** Passes are kept per replica build: a search and a training ask for the same few thousands of times. */
export function createCasePhysics(kernels: KernelModel): CasePhysicsModel {
  const known = new WeakMap<ReplicaBuild['facts'], Map<string, Built>>()
  const builtOf = (build: ReplicaBuild): Built => {
    let byKey = known.get(build.facts)
    if (!byKey) {
      byKey = new Map()
      known.set(build.facts, byKey)
    }
    const key = keyOf(build)
    let built = byKey.get(key)
    if (!built) {
      const shape = toModelShape(build.facts)
      built = { shape, passes: createReplicaPasses(build, shape, kernels) }
      byKey.set(key, built)
    }
    return built
  }
  return { measure: (one) => measureCase(one, builtOf(one.build)) }
}

const keyOf = ({ gpu, engine, layout, formats }: ReplicaBuild): string =>
  `${gpu.id} ${engine} ${layout.tensorParallel} ${layout.pipelineParallel} ${layout.dataParallel} ${layout.expertParallel} ${formats.attention} ${formats.dense} ${formats.experts} ${formats.kv}`

function measureCase(one: ServingCase, { shape, passes }: Built): CasePhysics {
  const { build, inputTokens, outputTokens } = one
  const stages = build.layout.pipelineParallel
  // Long answers run for longer: among those that run, they are more than their share.
  const answerTokens = outputTokens * (1 + (one.outputVariance ?? 0))
  const contextTokens = inputTokens + answerTokens / 2
  const newTokens = Math.max(inputTokens - one.cachedTokens, 1)
  // TensorRT-LLM reserves a sequence's whole length when it starts it; the others grow it.
  const heldTokens = build.engine === 'tensorrt-llm' ? inputTokens + answerTokens : contextTokens
  const cacheCapacity = cacheCapacityOf(one, shape, heldTokens)
  const capacity = Math.min(cacheCapacity, one.maxNumSeqs ?? defaultMaxNumSeqs(one))
  const prefillParts = passes.prefill(1, Math.max(newTokens, 16), one.cachedTokens)
  const prefillMs = totalUs(prefillParts) / 1e3
  const promptsPerStep = clamp(one.maxNumBatchedTokens / newTokens, 1, MOST_PROMPTS_PER_STEP)
  const pipelineLoss = stages ** PIPELINE_LOSS_EXPONENT
  const promptMs =
    (totalUs(passes.prefill(promptsPerStep, newTokens, one.cachedTokens)) / promptsPerStep / 1e3) * pipelineLoss
  const { draftedTokens, acceptedTokens } = one.speculation ?? NO_SPECULATION
  const decodeAt = (batch: number) => {
    const parts = passes.decode(Math.max(batch / stages, 1), contextTokens, draftedTokens)
    const factor = pipelineLoss / acceptedTokens
    return factor === 1 ? parts : scaled(parts, factor)
  }
  const { batch, waves } = runningBatch(one, capacity, (at) => ({
    stepMs: totalUs(decodeAt(at)) / 1e3,
    prefillMs,
  }))
  const decode = decodeAt(batch)
  return {
    batch,
    capacity,
    cacheCapacity,
    waves,
    acceptedPerStep: acceptedTokens,
    decode: scaled(decode, 1e-3),
    decodeMs: totalUs(decode) / 1e3,
    prefillMs,
    prefillParts: scaled(prefillParts, 1e-3),
    promptMs,
    promptsPerStep,
    interferenceMs: ((batch / outputTokens) * promptMs) / stages,
    contextTokens,
    ranks: ranksOf(one),
    ...rooflines(one, shape, batch, contextTokens),
  }
}

const scaled = (parts: PassParts, factor: number): PassParts => ({
  gemm: parts.gemm * factor,
  attention: parts.attention * factor,
  experts: parts.experts * factor,
  collective: parts.collective * factor,
  elementwise: parts.elementwise * factor,
})

function defaultMaxNumSeqs({ build, scenario }: ServingCase): number {
  if (scenario === 'burst') {
    return build.engine === 'vllm' ? DEFAULT_MAX_NUM_SEQS.vllmBurst : DEFAULT_MAX_NUM_SEQS.otherBurst
  }
  return build.engine === 'tensorrt-llm' ? DEFAULT_MAX_NUM_SEQS['tensorrt-llm'] : DEFAULT_MAX_NUM_SEQS.other
}

function cacheCapacityOf(one: ServingCase, shape: ModelShape, tokens: number): number {
  const { facts, layout, formats } = one.build
  const bytes = sequenceCacheBytes(
    facts,
    shape,
    {
      tensorParallelSize: layout.tensorParallel,
      pipelineParallelSize: layout.pipelineParallel,
      kvBytesPerElement: formats.kv === 'fp8' ? 1 : 2,
    },
    tokens,
  )
  return Math.max((CACHE_HEADROOM * one.kvCacheBytes) / Math.max(bytes, 1), 1)
}

/** How many sequences one rank decodes together, and by how much the load exceeds what it admits. */
function runningBatch(
  one: ServingCase,
  capacity: number,
  timesAt: (batch: number) => { stepMs: number; prefillMs: number },
): { batch: number; waves: number } {
  const ranks = ranksOf(one)
  const rate = one.requestsPerS
  if (one.scenario === 'open-loop' && rate !== null && Number.isFinite(rate)) {
    return { batch: steadyBatch(rate / ranks, one.outputTokens, capacity, timesAt), waves: 1 }
  }
  if (one.scenario === 'open-loop' && rate === null && one.concurrency === null) {
    return { batch: clamp(UNSTATED_BATCH, 1, capacity), waves: 1 }
  }
  const offered = one.concurrency === null ? Number.POSITIVE_INFINITY : one.concurrency / ranks
  const batch = Math.min(offered, capacity)
  const admitted = Math.min(SLOT_HEADROOM * batch, offered)
  return { batch, waves: Number.isFinite(offered) ? Math.max(offered / admitted, 1) : 1 }
}

/**
 * The batch at which as many finish as arrive: batch = rate × time in service, found by bisection in its logarithm.
 * Under a rate a step lasts longer than its kernels, by the prompts between steps and by uneven arrivals.
 */
function steadyBatch(
  ratePerS: number,
  outputTokens: number,
  capacity: number,
  timesAt: (batch: number) => { stepMs: number; prefillMs: number },
): number {
  let low = Math.log(LEAST_BATCH)
  let high = Math.log(Math.max(capacity, LEAST_BATCH))
  for (let round = 0; round < BISECTIONS; round++) {
    const middle = (low + high) / 2
    const { stepMs, prefillMs } = timesAt(Math.exp(middle))
    const serviceS = (prefillMs + outputTokens * (stepMs * RATE_STEP_FACTOR + RATE_STEP_MS)) / 1e3
    if (ratePerS * serviceS > Math.exp(middle)) low = middle
    else high = middle
  }
  return Math.exp(high)
}

function rooflines(one: ServingCase, shape: ModelShape, batch: number, contextTokens: number) {
  const { facts, gpu, layout, formats } = one.build
  const gpus = gpusPerReplica(layout)
  const cache = sequenceCacheBytes(
    facts,
    shape,
    {
      tensorParallelSize: layout.tensorParallel,
      pipelineParallelSize: layout.pipelineParallel,
      kvBytesPerElement: formats.kv === 'fp8' ? 1 : 2,
    },
    contextTokens,
  )
  const touched = touchedParameters(one, batch)
  const bytesPerWeight = facts.experts ? shape.expertWeightBytes : shape.layerWeightBytes
  const peak = gpu.bf16_tflops * (bytesPerWeight < 2 ? 2 : 1) * 1e9
  const memoryMs = ((touched * bytesPerWeight) / gpus + batch * cache) / (gpu.memory_bandwidth_gb_s * 1e6)
  return {
    rooflineDecodeMs: Math.max(memoryMs, (2 * facts.active_parameter_count * batch) / gpus / peak),
    rooflinePrefillMs: (2 * facts.active_parameter_count * one.inputTokens) / gpus / peak,
  }
}

/** Of the experts, those that some token of the batch visits. */
function touchedParameters(one: ServingCase, batch: number): number {
  const { facts } = one.build
  const { experts } = facts
  if (!experts) return facts.parameter_count
  const visited = 1 - (1 - Math.min(experts.per_token / experts.count, 1)) ** batch
  return facts.active_parameter_count + (facts.parameter_count - facts.active_parameter_count) * visited
}
