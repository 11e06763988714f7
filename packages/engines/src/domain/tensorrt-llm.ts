/**
 * TensorRT-LLM (`trtllm-serve serve`, PyTorch backend), from its public source; no running server was seen. Metrics
 * need `return_perf_metrics: true`, the gauges also `enable_iter_perf_stats: true`.
 */
import { REQUEST_SECONDS, TOKEN_SECONDS, TTFT_SECONDS } from './buckets.ts'
import type { EngineProfile, MetricFamily, MetricSeries, MetricType } from './types.ts'

const LABELS = ['model_name', 'engine_type'] as const
const PREFILL_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 640, 2560]

const series = (name: string, type: MetricType): MetricSeries => ({ name: `trtllm_${name}`, type, where: {} })
const gauge = (name: string): MetricFamily => ({ name: `trtllm_${name}`, type: 'gauge', labels: LABELS })
const counter = (name: string, ...extra: string[]): MetricFamily => ({
  name: `trtllm_${name}_total`,
  type: 'counter',
  labels: [...LABELS, ...extra],
})
const histogram = (name: string, buckets: readonly number[]): MetricFamily => ({
  name: `trtllm_${name}`,
  type: 'histogram',
  labels: LABELS,
  buckets,
})

/** tensorrt_llm/metrics/collector.py, without speculation and host offload. */
const families: readonly MetricFamily[] = [
  counter('request_success', 'finished_reason'),
  histogram('e2e_request_latency_seconds', REQUEST_SECONDS),
  histogram('time_to_first_token_seconds', TTFT_SECONDS),
  histogram('time_per_output_token_seconds', TOKEN_SECONDS),
  histogram('request_queue_time_seconds', REQUEST_SECONDS),
  histogram('request_prefill_time_seconds', PREFILL_SECONDS),
  histogram('request_decode_time_seconds', REQUEST_SECONDS),
  histogram('request_inference_time_seconds', REQUEST_SECONDS),
  counter('prompt_tokens'),
  counter('generation_tokens'),
  counter('prompt_cached_tokens'),
  gauge('kv_cache_hit_rate'),
  gauge('kv_cache_utilization'),
  gauge('num_requests_running'),
  gauge('num_requests_waiting'),
  counter('num_requests_completed'),
  gauge('max_num_active_requests'),
  gauge('iteration_latency_seconds'),
  gauge('max_batch_size_static'),
  gauge('max_num_tokens_runtime'),
  gauge('kv_cache_max_blocks'),
  gauge('kv_cache_free_blocks'),
  gauge('kv_cache_used_blocks'),
  gauge('kv_cache_tokens_per_block'),
  gauge('num_context_requests'),
  gauge('num_generation_requests'),
  gauge('num_paused_requests'),
  gauge('num_scheduled_requests'),
  counter('request_error', 'http_code'),
]

export const tensorrtLlm: EngineProfile = {
  versions: ['1.3', '1.2'],
  facts: {
    default_port: 8000,
    health_path: '/health',
    readiness_path: '/v1/models',
    deep_health_path: '/health_generate',
    models_path: '/v1/models',
    version_path: '/version',
    metrics_path: '/prometheus/metrics',
    kv_block_tokens: 32,
    image_bytes: 20e9,
    metrics: {
      running: series('num_requests_running', 'gauge'),
      waiting: series('num_requests_waiting', 'gauge'),
      kv_usage: series('kv_cache_utilization', 'gauge'),
      prompt_tokens: series('prompt_tokens_total', 'counter'),
      generation_tokens: series('generation_tokens_total', 'counter'),
      finished_requests: series('request_success_total', 'counter'),
      ttft: series('time_to_first_token_seconds', 'histogram'),
      tpot: series('time_per_output_token_seconds', 'histogram'),
      itl: null,
      e2e: series('e2e_request_latency_seconds', 'histogram'),
      queue_time: series('request_queue_time_seconds', 'histogram'),
    },
    // The LLM is built (weights, autotuner, graphs) before the HTTP server starts.
    startup: [
      { phase: 'scheduling', fixed_s: 2, bytes_per_s: null, moves: null, health: 'refused' },
      { phase: 'pulling', fixed_s: 3, bytes_per_s: 5e8, moves: 'image', health: 'refused' },
      { phase: 'loading', fixed_s: 15, bytes_per_s: 1.8e9, moves: 'weights', health: 'refused' },
      { phase: 'compiling', fixed_s: 40, bytes_per_s: null, moves: null, health: 'refused' },
      { phase: 'warming', fixed_s: 25, bytes_per_s: null, moves: null, health: 'refused' },
    ],
  },
  defaults: () => ({ max_num_batched_tokens: 8192, max_num_seqs: 2048 }),
  families: () => families,
}
