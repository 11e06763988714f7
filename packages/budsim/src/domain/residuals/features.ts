/** What the trees see of a case: loads, shares and ratios that physics computed, and few sizes that could be memorised. */
import type { CalibratedCase } from '../physics/calibrated.ts'
import { ENGINE_COUNT } from '../physics/heads.ts'

const ENGINE_FEATURES = Array.from({ length: ENGINE_COUNT }, (_, i) => `engine_${i}`)

export const FEATURES = [
  'log_concurrency',
  'log_input',
  'log_output',
  'prefill_share',
  ...ENGINE_FEATURES,
  'tensor_parallel',
  'expert_parallel',
  'pipeline_parallel',
  'ranks',
  'data_parallel',
  'waves',
  'cache_use',
  'log_step',
  'log_prefill',
  'log_prompt',
  'log_interference',
  'log_batch',
  'log_prompts_of_batch',
  'log_saturated',
  'roofline_step',
  'roofline_prefill',
  'share_gemm',
  'share_attention',
  'share_experts',
  'share_collective',
  'share_elementwise',
  'share_interference',
  'ridge',
  'log_bandwidth',
  'log_memory',
  'engine_version',
  'weight_bytes',
  'log_rate',
  'rate_utilisation',
  'experts',
  'latent',
  'log_layers',
  'log_hidden',
  'log_active',
  'log_parameters',
  'log_max_num_seqs',
  'offline',
  'saturation',
  'open_loop',
  'vendor',
] as const

/** For closed loops of architectures or GPUs never seen: what physics may get wrong for anyone alike. */
export const NARROW_FEATURES = [
  'log_concurrency',
  'log_input',
  'log_output',
  'prefill_share',
  'engine_0',
  'engine_1',
  'engine_2',
  'tensor_parallel',
  'expert_parallel',
  'waves',
  'cache_use',
] as const

const WEIGHT_BYTES: Readonly<Record<string, number>> = {
  bf16: 2,
  fp8: 1,
  'fp8-block': 1,
  int8: 1,
  nvfp4: 0.5625,
  int4: 0.53,
  'mxfp4-w4a16': 0.53,
  'mxfp4-w4a8': 0.53,
}

const log = (value: number): number => Math.log(Math.max(value, 1e-9))

/** "0.17.1" → 17, "1.2" → 102: releases order by major and minor. */
function versionNumber(version: string | null): number {
  const match = version === null ? null : /(\d+)\.(\d+)/.exec(version)
  return match ? Number(match[1]) * 100 + Number(match[2]) : Number.NaN
}

export function featuresOf({ subject, times, saturated }: CalibratedCase, into: Float64Array): Float64Array {
  const { case: one, physics } = subject
  const { facts, gpu, layout, formats } = one.build
  const { decode, batch } = physics
  const prompts = batch * times.promptMs
  const rate = one.requestsPerS !== null && Number.isFinite(one.requestsPerS) ? one.requestsPerS : Number.NaN
  let i = 0
  const put = (value: number) => {
    into[i++] = value
  }
  put(log(one.concurrency ?? batch * physics.ranks))
  put(log(one.inputTokens))
  put(log(one.outputTokens))
  put(prompts / (prompts + one.outputTokens * times.stepMs))
  for (let engine = 0; engine < ENGINE_COUNT; engine++) put(engine === subject.engine ? 1 : 0)
  put(layout.tensorParallel)
  put(layout.expertParallel)
  put(layout.pipelineParallel)
  put(physics.ranks)
  put(layout.dataParallel > 1 ? 1 : 0)
  put(physics.waves)
  put(batch / physics.cacheCapacity)
  put(log(times.stepMs))
  put(log(times.prefillMs))
  put(log(times.promptMs))
  put(log(times.interferenceMs))
  put(log(batch))
  put(log(prompts))
  put(log(saturated))
  put(log(physics.rooflineDecodeMs) - log(times.stepMs))
  put(log(physics.rooflinePrefillMs) - log(times.prefillMs))
  put(decode.gemm / physics.decodeMs)
  put(decode.attention / physics.decodeMs)
  put(decode.experts / physics.decodeMs)
  put(decode.collective / physics.decodeMs)
  put(decode.elementwise / physics.decodeMs)
  put(times.interferenceMs / (times.stepMs + times.interferenceMs))
  put(gpu.bf16_tflops / gpu.memory_bandwidth_gb_s)
  put(log(gpu.memory_bandwidth_gb_s))
  put(log(gpu.memory_gb))
  put(versionNumber(one.engineVersion))
  put(WEIGHT_BYTES[facts.experts ? formats.experts : formats.dense] ?? 2)
  put(log(rate))
  put((rate * one.outputTokens) / saturated)
  put(facts.experts ? 1 : 0)
  put(facts.mla ? 1 : 0)
  put(log(facts.layers))
  put(log(facts.hidden_size))
  put(log(facts.active_parameter_count / 1e9))
  put(log(facts.parameter_count / 1e9))
  put(one.maxNumSeqs === null ? Number.NaN : log(one.maxNumSeqs))
  put(one.scenario === 'offline' ? 1 : 0)
  put(one.scenario === 'saturation' ? 1 : 0)
  put(one.scenario === 'open-loop' ? 1 : 0)
  put(subject.vendor)
  return into
}
