/** A row with its model and GPU looked up and what it leaves open filled in: a case for the physics. */
import type { GpuSpec, ModelFacts, Reason, WeightPrecision } from '@bud/kernel'
import { toModelShape, weightBytesPerGpu } from '../model-shape.ts'
import { quoted } from '../nearest-names.ts'
import { gpusPerReplica, type ReplicaLayout, type ServingCase, type ServingEngine } from '../physics/serving-case.ts'
import { formatsOf } from '../physics/weight-formats.ts'
import { recipeClientShare, recipeSpeculation, recipeWaitSteps } from './benchmark-recipes.ts'
import { headsReason, layoutReason } from './check-layout.ts'
import { memoryReason } from './check-memory.ts'
import type { ServingRow } from './serving-row.ts'

export type RowCase = { status: 'ok'; case: ServingCase } | { status: 'does-not-fit' | 'unsupported'; reason: Reason }

const GB = 1e9
/** What CUDA, communication and graphs take beside weights and cache. */
const OVERHEAD_BYTES = 1.5 * GB
/** A row that ran had some cache: never less than this share of memory. */
const LEAST_CACHE_SHARE = 0.05
const WEIGHT_MARGIN = 1.15
const FILLED_MEMORY = 0.9
const BATCHED_TOKENS = 8192
/** Lengths where a row states none: the sources' own chat prompts and answers. */
const UNSTATED = {
  outputTokens: 256,
  inputTokens: 300,
  inputTokensOfReasoning: 200,
  reasoningOutputTokens: 1500,
} as const
const PRECISIONS: ReadonlyMap<string, WeightPrecision> = new Map(
  Object.entries({
    fp32: 'fp32',
    bf16: 'bf16',
    fp16: 'bf16',
    fp8: 'fp8',
    int8: 'int8',
    fp4: 'fp4',
    nvfp4: 'fp4',
    int4: 'int4',
    mxfp4: 'mxfp4',
  } as const),
)

/** Facts in the row's precision are kept per model, so that physics can keep what it derived from them. */
export function createRowCases(): (row: ServingRow, facts: ModelFacts, gpu: GpuSpec) => RowCase {
  const known = new WeakMap<ModelFacts, Map<WeightPrecision, ModelFacts>>()
  const inPrecision = (facts: ModelFacts, precision: WeightPrecision): ModelFacts => {
    if (precision === facts.weight_precision) return facts
    const byPrecision = known.get(facts) ?? new Map<WeightPrecision, ModelFacts>()
    known.set(facts, byPrecision)
    const served = byPrecision.get(precision) ?? { ...facts, weight_precision: precision, weight_bytes: null }
    byPrecision.set(precision, served)
    return served
  }
  return (row, facts, gpu) => {
    const precision = servedPrecision(row, facts, gpu)
    if (precision === undefined)
      return unsupported('precision', `${quoted(row.precision ?? '')} is none of ${[...PRECISIONS.keys()].join(', ')}.`)
    return toCase(row, inPrecision(facts, precision), gpu)
  }
}

const unsupported = (path: string, message: string): RowCase => ({
  status: 'unsupported',
  reason: { code: 'unsupported', message, path },
})

/**
 * What the weights were really in: some families have one release format whatever a row's label says; unlabelled rows
 * ran the narrowest format of their GPU.
 */
function servedPrecision(row: ServingRow, facts: ModelFacts, gpu: GpuSpec): WeightPrecision | undefined {
  const published = facts.weight_precision
  const label = row.precision?.toLowerCase()
  const stated =
    label === undefined ? (gpu.fp4_tflops ? 'fp4' : gpu.fp8_tflops ? 'fp8' : 'bf16') : PRECISIONS.get(label)
  if (stated === undefined || published === 'mxfp4') return stated && published
  if (published === 'int4') return stated === 'fp4' ? stated : published
  return published === 'fp8' && (stated === 'bf16' || row.model.includes('FP8')) ? published : stated
}

function toCase(row: ServingRow, facts: ModelFacts, gpu: GpuSpec): RowCase {
  const shape = toModelShape(facts)
  const layout = layoutOf(row, facts, gpu)
  const refused = layoutReason(layout, facts, row.num_gpus) ?? (row.tp === null ? null : headsReason(row.tp, facts))
  if (refused) return { status: 'unsupported', reason: refused }
  const weights = weightBytesPerGpu(facts, shape, {
    tensorParallelSize: layout.tensorParallel,
    pipelineParallelSize: layout.pipelineParallel,
    dataParallelSize: layout.dataParallel,
  })
  const memory = gpu.memory_gb * GB
  const outputTokens = Math.max(row.osl ?? UNSTATED.outputTokens, 2)
  const offered =
    row.isl ?? (outputTokens > UNSTATED.reasoningOutputTokens ? UNSTATED.inputTokensOfReasoning : UNSTATED.inputTokens)
  const formats = formatsOf(facts, gpu, row.engine)
  const inputTokens = Math.max(offered, 1)
  const short = memoryReason({ facts, gpu, layout, formats, weights, tokens: inputTokens + outputTokens })
  if (short) return { status: 'does-not-fit', reason: short }
  const build = { facts, gpu, engine: row.engine, layout, formats }
  return {
    status: 'ok',
    case: {
      build,
      speculation: recipeSpeculation(build, row),
      schedulerWaitSteps: recipeWaitSteps(build, row),
      clientShare: recipeClientShare(build, row),
      engineVersion: row.engine_version,
      scenario: row.scenario,
      replicas: row.num_gpus / gpusPerReplica(layout),
      inputTokens,
      cachedTokens: 0,
      outputTokens,
      concurrency: row.concurrency_or_batch,
      requestsPerS: row.request_rate,
      maxNumSeqs: row.max_num_seqs,
      maxNumBatchedTokens: BATCHED_TOKENS,
      kvCacheBytes: Math.max(defaultCacheBytes(row.engine, memory, weights), memory * LEAST_CACHE_SHARE),
    },
  }
}

/**
 * The cache an engine takes when nobody says how much: vLLM's gpu_memory_utilization 0.92, SGLang's mem_fraction_static
 * (its own overhead apart), nine tenths of what is free once TensorRT-LLM has loaded.
 */
function defaultCacheBytes(engine: ServingEngine, memory: number, weights: number): number {
  switch (engine) {
    case 'sglang':
      return 0.84 * memory - weights
    case 'tensorrt-llm':
      return 0.9 * (0.97 * memory - weights - OVERHEAD_BYTES)
    case 'vllm':
      return 0.92 * memory - weights - OVERHEAD_BYTES
    default:
      return 0.93 * memory - weights - OVERHEAD_BYTES
  }
}

function layoutOf(row: ServingRow, facts: ModelFacts, gpu: GpuSpec): ReplicaLayout {
  const pipelineParallel = row.pp ?? 1
  const tensorParallel = Math.max(row.tp ?? unstatedTensorParallel(row, facts, gpu, pipelineParallel), 1)
  const ranks = Math.max(row.num_gpus / (tensorParallel * pipelineParallel), 1)
  const dataParallel = facts.experts && sharesExperts(row, tensorParallel, ranks) ? ranks : 1
  const sharing = tensorParallel * dataParallel
  return {
    tensorParallel,
    pipelineParallel,
    dataParallel,
    expertParallel: Math.min(row.ep ?? (dataParallel > 1 ? sharing : 1), sharing),
  }
}

/** Attention ranks on one set of experts: stated, or the experts are spread over more GPUs than a rank has. */
const sharesExperts = (row: ServingRow, tensorParallel: number, ranks: number): boolean =>
  row.attention_dp || (row.ep !== null && row.ep > tensorParallel && ranks > 1)

/** The smallest power of two of GPUs that holds the weights. */
function unstatedTensorParallel(row: ServingRow, facts: ModelFacts, gpu: GpuSpec, pipelineParallel: number): number {
  if (row.dp !== null) return row.num_gpus / (pipelineParallel * row.dp)
  const whole = weightBytesPerGpu(facts, toModelShape(facts), {
    tensorParallelSize: 1,
    pipelineParallelSize: 1,
    dataParallelSize: 1,
  })
  const needed = (whole * WEIGHT_MARGIN) / (gpu.memory_gb * FILLED_MEMORY * GB)
  return Math.min(2 ** Math.ceil(Math.log2(Math.max(needed, 1))), row.num_gpus)
}
