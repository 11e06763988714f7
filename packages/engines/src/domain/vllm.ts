/** vLLM, from the source of 0.32 and 0.33 and from what a running 0.32.0 answered (data/engine-flags). */

import type { EngineProfile, MetricSeries, MetricType } from './types.ts'
import { vllmMetricFamilies } from './vllm-metrics.ts'

const series = (name: string, type: MetricType): MetricSeries => ({ name: `vllm:${name}`, type, where: {} })

export const vllm: EngineProfile = {
  versions: ['0.33.0', '0.32.0'],
  facts: {
    default_port: 8000,
    health_path: '/health',
    readiness_path: '/v1/models',
    deep_health_path: null,
    models_path: '/v1/models',
    version_path: '/version',
    metrics_path: '/metrics',
    kv_block_tokens: 16,
    image_bytes: 11e9,
    metrics: {
      running: series('num_requests_running', 'gauge'),
      waiting: series('num_requests_waiting', 'gauge'),
      kv_usage: series('kv_cache_usage_perc', 'gauge'),
      prompt_tokens: series('prompt_tokens_total', 'counter'),
      generation_tokens: series('generation_tokens_total', 'counter'),
      finished_requests: series('request_success_total', 'counter'),
      ttft: series('time_to_first_token_seconds', 'histogram'),
      tpot: series('request_time_per_output_token_seconds', 'histogram'),
      itl: series('inter_token_latency_seconds', 'histogram'),
      e2e: series('e2e_request_latency_seconds', 'histogram'),
      queue_time: series('request_queue_time_seconds', 'histogram'),
    },
    // Weights, torch.compile and graph capture of a 70B model: vLLM issue 19824 (10 s hot, 85 s, 60 s).
    startup: [
      { phase: 'scheduling', fixed_s: 2, bytes_per_s: null, moves: null, health: 'refused' },
      { phase: 'pulling', fixed_s: 3, bytes_per_s: 5e8, moves: 'image', health: 'refused' },
      { phase: 'loading', fixed_s: 8, bytes_per_s: 2e9, moves: 'weights', health: 'refused' },
      { phase: 'compiling', fixed_s: 45, bytes_per_s: null, moves: null, health: 'refused' },
      { phase: 'warming', fixed_s: 20, bytes_per_s: null, moves: null, health: 'refused' },
    ],
  },
  /** vllm/engine/arg_utils.py, get_batch_defaults, for the API server. */
  defaults({ id, memory_gb }) {
    if (memory_gb >= 172) return { max_num_batched_tokens: 16_384, max_num_seqs: 1024 }
    if (memory_gb >= 75 && !id.toLowerCase().includes('a100'))
      return { max_num_batched_tokens: 8192, max_num_seqs: 1024 }
    return { max_num_batched_tokens: 2048, max_num_seqs: 256 }
  },
  families: vllmMetricFamilies,
}
