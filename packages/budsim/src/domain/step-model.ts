/**
 * How long one engine step takes, from measured kernels and the study's constants of engines, without anything learnt
 * from serving: enginesim lives by it step by step, so that what the predictors learnt is not also what they are
 * compared with. Sources of the constants: predictor study, section 4.
 */
import type { Deployment, EngineName, GpuSpec, ModelFacts } from '@bud/kernel'
import { maxNumBatchedTokensOf } from './engine-defaults.ts'
import type { KernelModel } from './kernels/kernel-model.ts'
import { estimateMemory } from './memory-fit.ts'
import { toModelShape } from './model-shape.ts'
import { createReplicaPasses, type PassParts, totalUs } from './physics/replica-passes.ts'
import type { ReplicaBuild } from './physics/serving-case.ts'
import { replicaBuildOf } from './replica-build.ts'
import { dataParallelOf } from './replica-layout.ts'

export interface StepModelQuery {
  facts: ModelFacts
  gpu: GpuSpec
  deployment: Deployment
  kernels: KernelModel
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

/** Scheduler, sampling and detokenising of a step. */
const STEP_HOST_MS = { base: 0.28, perLayer: 0.003, perSequence: 0.003 } as const
/** Launching a prefill's kernels from Python: more of them for experts and latent attention. */
const LAUNCH_MS_PER_LAYER = { dense: 0.4, experts: 1, latent: 1.96 } as const
const ENGINES: Readonly<Record<EngineName, { launchFactor: number; requestMs: number }>> = {
  vllm: { launchFactor: 0.76, requestMs: 17 },
  'tensorrt-llm': { launchFactor: 1.02, requestMs: 52 },
  sglang: { launchFactor: 2, requestMs: 80 },
}

/** Weights are bytes per GPU. */
export function createStepModel({ facts: published, gpu, deployment, kernels }: StepModelQuery): StepModel {
  const { config, runtime } = deployment
  const build = replicaBuildOf(published, deployment, gpu)
  const { facts } = build
  const memory = estimateMemory({ facts: published, gpu, deployment })
  const stages = config.pipeline_parallel_size
  const ranks = dataParallelOf(config)
  const passUs = createStepPasses(build, kernels)
  const chunk = maxNumBatchedTokensOf(deployment, gpu)
  const perLayer = facts.mla ? LAUNCH_MS_PER_LAYER.latent : LAUNCH_MS_PER_LAYER[facts.experts ? 'experts' : 'dense']
  const launchMs = facts.layers * perLayer * ENGINES[runtime].launchFactor
  const hostMs = (sequences: number) =>
    STEP_HOST_MS.base + STEP_HOST_MS.perLayer * facts.layers + STEP_HOST_MS.perSequence * sequences

  const stepMs: StepModel['stepMs'] = (work) => {
    const { prefill_tokens: prefill, decode_batch: batch } = work
    // A pipeline works on one slice of the step per stage: a step lasts as long as one slice through all of them.
    const slices = stages * ranks
    const gpuMs =
      passUs({
        prefillTokens: prefill / slices,
        cachedTokens: work.prefill_context_tokens,
        sequences: batch / slices,
        contextTokens: work.mean_context_tokens,
      }) / 1e3
    return (prefill > 0 && batch === 0 ? Math.hypot(gpuMs, launchMs) : gpuMs) + hostMs(batch / ranks)
  }

  return {
    stepMs,
    decodeStepMs: ({ batch, mean_context_tokens }) =>
      stepMs({ prefill_tokens: 0, prefill_context_tokens: 0, decode_batch: batch, mean_context_tokens }),
    prefillMs({ new_tokens: tokens, context_tokens: cached }) {
      const chunks = Math.max(Math.ceil(tokens / chunk), 1)
      let total = 0
      let last = 0
      for (const [size, before, times] of chunkGroups(tokens, cached, chunk, chunks)) {
        const pass = { prefillTokens: size, cachedTokens: before, sequences: 0, contextTokens: 0 }
        last = Math.hypot(passUs(pass) / 1e3, launchMs)
        total += last * times
      }
      // With a pipeline, later chunks follow one stage behind the one before.
      return chunks === 1 || stages === 1 ? total : total / stages + last * (1 - 1 / stages)
    },
    request_overhead_ms: ENGINES[runtime].requestMs,
    kv_capacity_tokens: memory.kv_capacity_tokens,
    weights_bytes: memory.weights_bytes,
    max_num_batched_tokens: chunk,
  }
}

interface StepPass {
  prefillTokens: number
  cachedTokens: number
  sequences: number
  contextTokens: number
}

/** A pass that also decodes shares its products and its exchange: only attention is done apart. */
function createStepPasses(build: ReplicaBuild, kernels: KernelModel): (pass: StepPass) => number {
  const passes = createReplicaPasses(build, toModelShape(build.facts), kernels)
  const sharedUs = (parts: PassParts): number => totalUs(parts) - parts.attention
  return ({ prefillTokens, cachedTokens, sequences, contextTokens }) => {
    if (prefillTokens <= 0) return totalUs(passes.decode(sequences, contextTokens))
    const prompt = passes.prefill(1, prefillTokens, cachedTokens)
    if (sequences <= 0) return totalUs(prompt)
    const sampled = 1 + sequences
    const together = passes.prefill(sampled, (prefillTokens + sequences) / sampled, 0)
    return sharedUs(together) + prompt.attention + passes.decode(sequences, contextTokens).attention
  }
}

/** [tokens, cached before, how many such chunks]: first, the ones between (their mean stands for each), last. */
function chunkGroups(tokens: number, cached: number, chunk: number, chunks: number): [number, number, number][] {
  if (chunks === 1) return [[tokens, cached, 1]]
  const rest = tokens - (chunks - 1) * chunk
  const groups: [number, number, number][] = [[chunk, cached, 1]]
  if (chunks > 2) groups.push([chunk, cached + (chunk * (chunks - 1)) / 2, chunks - 2])
  groups.push([rest, cached + (chunks - 1) * chunk, 1])
  return groups
}
