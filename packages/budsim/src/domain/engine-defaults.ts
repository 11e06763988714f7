/** What engines do when a deployment leaves a field open: one visible table. */
import type { Deployment, EngineName, GpuSpec, ModelFacts } from '@bud/kernel'

/**
 * Tokens per step when `max_num_batched_tokens` is left open. vLLM for an OpenAI server: 8192 from 70 GB of memory on
 * except on A100, else 2048; SGLang's chunked prefill: 2048 under 35 GB, 4096 under 60 GB, 8192 under 160 GB, else
 * 16384; TensorRT-LLM: 8192.
 */
function defaultMaxNumBatchedTokens(engine: EngineName, gpu: GpuSpec): number {
  switch (engine) {
    case 'vllm':
      return gpu.memory_gb >= 70 && gpu.architecture !== 'Ampere' ? 8192 : 2048
    case 'sglang':
      if (gpu.memory_gb < 35) return 2048
      if (gpu.memory_gb < 60) return 4096
      return gpu.memory_gb < 160 ? 8192 : 16_384
    case 'tensorrt-llm':
      return 8192
  }
}

/** Tokens one engine step may hold. */
export const maxNumBatchedTokensOf = (deployment: Deployment, gpu: GpuSpec): number =>
  deployment.config.max_num_batched_tokens ?? defaultMaxNumBatchedTokens(deployment.runtime, gpu)

/**
 * Bytes per element of the KV cache. `auto` is two bytes, except where TensorRT-LLM serves 8- or 4-bit weights: its
 * checkpoints bring an FP8 cache.
 */
export function kvBytesPerElement(deployment: Deployment, facts: ModelFacts): number {
  if (deployment.config.kv_cache_dtype === 'fp8') return 1
  const lowBit = facts.weight_precision === 'fp8' || facts.weight_precision === 'fp4'
  return deployment.runtime === 'tensorrt-llm' && lowBit ? 1 : 2
}
