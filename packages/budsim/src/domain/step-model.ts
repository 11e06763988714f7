/**
 * How long one engine step takes, part by part: projections, attention, experts, all-reduce, element-wise work and the
 * engine's own overhead. Pure physics, no waiting: the predictor adds queueing, enginesim lives by it step by step.
 */
import type { Deployment, GpuSpec, MemoryFit, ModelFacts } from '@bud/kernel'
import { ENGINE_COSTS, KERNEL, prefillLaunchMsPerLayer, STEP_HOST_MS } from './efficiencies.ts'
import { kvBytesPerElement, maxNumBatchedTokensOf } from './engine-defaults.ts'
import { createLayerCosts, type LayerCosts } from './layer-costs.ts'
import { memoryFitOf } from './memory-fit.ts'
import { toModelShape } from './model-shape.ts'

export interface StepModelQuery {
  facts: ModelFacts
  gpu: GpuSpec
  deployment: Deployment
}

/** Times of one replica, in milliseconds; tokens are of one replica too. */
export interface StepModel {
  /** One prompt alone on the replica, in chunks of `max_num_batched_tokens`; `context_tokens` are cached already. */
  prefillMs(work: { new_tokens: number; context_tokens: number }): number
  /** One token for each of `batch` sequences. */
  decodeStepMs(work: { batch: number; mean_context_tokens: number }): number
  /** A step that decodes and takes in part of prompts; `prefill_context_tokens` is what the chunk's prompt has cached before it. */
  stepMs(work: {
    prefill_tokens: number
    prefill_context_tokens: number
    decode_batch: number
    mean_context_tokens: number
  }): number
  /** Fixed cost of a request around its steps: accepting, tokenising, first token out. */
  readonly request_overhead_ms: number
  readonly kv_capacity_tokens: number
  readonly weights_bytes: number
  readonly max_num_batched_tokens: number
}

/** What only the predictor asks: how prompts weigh on others. */
export interface ReplicaTimes extends StepModel {
  /** GPU time of one prompt when prompts fill whole steps: what it takes from the running sequences. */
  prefillShareMs(work: { new_tokens: number; context_tokens: number }): number
  /** Host time to launch the kernels of one prefill step. */
  readonly prefillLaunchMs: number
  /** Delay of a first token per other running request, as a share of its prefill. */
  readonly prefillContention: number
}

/** For enginesim: every figure one replica is timed by. Weights are bytes per GPU. */
export function createStepModel({ facts, gpu, deployment }: StepModelQuery): StepModel {
  const shape = toModelShape(facts)
  const memory = memoryFitOf({ facts, gpu, deployment }, shape)
  const costs = createLayerCosts(facts, shape, gpu, {
    tensorParallelSize: deployment.config.tensor_parallel_size,
    pipelineParallelSize: deployment.config.pipeline_parallel_size,
    kvBytesPerElement: kvBytesPerElement(deployment, facts),
  })
  return replicaTimesOf({ facts, gpu, deployment }, costs, memory)
}

/** `createStepModel` for callers that hold the costs of this layout already. */
export function replicaTimesOf(query: StepModelQuery, costs: LayerCosts, memory: MemoryFit): ReplicaTimes {
  const { facts, gpu, deployment } = query
  const stages = deployment.config.pipeline_parallel_size
  const chunk = maxNumBatchedTokensOf(deployment, gpu)
  const engine = ENGINE_COSTS[deployment.runtime]
  const launchMs = facts.layers * prefillLaunchMsPerLayer(facts) * engine.prefillLaunchFactor
  const bubble = stages > 1 ? KERNEL.pipelineBubble : 1
  const hostMs = (sequences: number) =>
    STEP_HOST_MS.base + STEP_HOST_MS.perLayer * facts.layers + STEP_HOST_MS.perSequence * sequences

  /** A pipeline works on one slice of the step per stage, so a step lasts as long as one slice through all stages. */
  const gpuMs = (prefill: number, prefillContext: number, batch: number, context: number) =>
    (costs.passUs({
      prefillTokens: prefill / stages,
      prefillSequenceTokens: prefill,
      prefillContextTokens: prefillContext,
      decodeSequences: batch / stages,
      meanContextTokens: context,
    }) *
      bubble) /
    1000

  const prefillMs: StepModel['prefillMs'] = ({ new_tokens: tokens, context_tokens: cached }) => {
    const chunks = Math.max(Math.ceil(tokens / chunk), 1)
    let total = 0
    let last = 0
    // Chunks between the first and the last grow evenly: their mean stands for each of them.
    for (const [size, before, times] of chunkGroups(tokens, cached, chunk, chunks)) {
      last =
        costs.passUs({
          prefillTokens: size,
          prefillSequenceTokens: size,
          prefillContextTokens: before,
          decodeSequences: 0,
          meanContextTokens: 0,
        }) / 1000
      total += Math.hypot(last, launchMs) * times
    }
    // With a pipeline, later chunks follow one stage behind the one before.
    return chunks === 1 || stages === 1 ? total : total / stages + last * (1 - 1 / stages)
  }

  return {
    prefillMs,
    decodeStepMs: ({ batch, mean_context_tokens: context }) => gpuMs(0, 0, batch, context) + hostMs(batch),
    stepMs(work) {
      const { prefill_tokens: prefill, decode_batch: batch } = work
      if (prefill <= 0) return gpuMs(0, 0, batch, work.mean_context_tokens) + hostMs(batch)
      const gpuTime = gpuMs(prefill, work.prefill_context_tokens, batch, work.mean_context_tokens)
      return (batch > 0 ? gpuTime : Math.hypot(gpuTime, launchMs)) + hostMs(batch)
    },
    prefillShareMs({ new_tokens: tokens, context_tokens: cached }) {
      const together = Math.max(chunk / tokens, 1)
      const pass = costs.passUs({
        prefillTokens: Math.min(tokens * together, Math.max(chunk, 1)),
        prefillSequenceTokens: Math.min(tokens, chunk),
        prefillContextTokens: cached + Math.max(tokens - chunk, 0) / 2,
        decodeSequences: 0,
        meanContextTokens: 0,
      })
      return ((pass * bubble) / 1000 / stages) * Math.max(tokens / chunk, 1 / together)
    },
    prefillLaunchMs: launchMs,
    prefillContention: engine.prefillContention,
    request_overhead_ms: engine.requestMs,
    kv_capacity_tokens: memory.kv_capacity_tokens,
    weights_bytes: memory.weights_bytes,
    max_num_batched_tokens: chunk,
  }
}

/** [tokens, cached before, how many such chunks]: first, the ones between, last. */
function chunkGroups(tokens: number, cached: number, chunk: number, chunks: number): [number, number, number][] {
  if (chunks === 1) return [[tokens, cached, 1]]
  const rest = tokens - (chunks - 1) * chunk
  const groups: [number, number, number][] = [[chunk, cached, 1]]
  if (chunks > 2) groups.push([chunk, cached + (chunk * (chunks - 1)) / 2, chunks - 2])
  groups.push([rest, cached + (chunks - 1) * chunk, 1])
  return groups
}
