/** What a deployment comes to where it leaves a field open. */
import { engineDefaults } from '@bud/engines'
import type { Deployment, GpuSpec, ModelFacts } from '@bud/kernel'

/** Tokens one engine step may hold: as deployed, else the engine's own default on this GPU. */
export const maxNumBatchedTokensOf = (deployment: Deployment, gpu: GpuSpec): number =>
  deployment.config.max_num_batched_tokens ?? engineDefaults(deployment.runtime, gpu).max_num_batched_tokens

/**
 * Bytes per element of the KV cache. `auto` is two bytes, except where TensorRT-LLM serves 8- or 4-bit weights: its
 * checkpoints bring an FP8 cache.
 */
export function kvBytesPerElement(deployment: Deployment, facts: ModelFacts): number {
  if (deployment.config.kv_cache_dtype === 'fp8') return 1
  const lowBit = facts.weight_precision === 'fp8' || facts.weight_precision === 'fp4'
  return deployment.runtime === 'tensorrt-llm' && lowBit ? 1 : 2
}
