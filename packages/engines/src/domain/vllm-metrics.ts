/**
 * Every metric family a vLLM 0.32 API server exposes, in its order: names, types, labels and bounds as a running one
 * answered. The conformance suite (e2e/engines) compares this list with the real engine.
 */
import { oneTwoFiveBuckets, REQUEST_SECONDS, TOKEN_SECONDS, TTFT_SECONDS } from './buckets.ts'
import type { MetricFamily } from './types.ts'

const ENGINE = ['model_name', 'engine'] as const
const ITERATION_TOKENS = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384]
const HTTP_SECONDS = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 7.5, 10, 30, 60,
]

/** Settings that `vllm:cache_config_info` carries as labels. */
const VLLM_CACHE_CONFIG_LABELS = [
  '_block_size_resolved',
  'block_size',
  'cache_dtype',
  'cache_hit_alignment_tokens',
  'effective_attention_block_size',
  'enable_mamba_shared_prefix_checkpoint',
  'enable_prefix_caching',
  'engine',
  'gpu_memory_utilization',
  'hash_block_size',
  'is_attention_free',
  'kv_cache_dtype_skip_layers',
  'kv_cache_layout',
  'kv_cache_max_concurrency',
  'kv_cache_memory_bytes',
  'kv_cache_size_tokens',
  'kv_offloading_backend',
  'kv_offloading_size',
  'kv_sharing_fast_prefill',
  'mamba_block_size',
  'mamba_cache_dtype',
  'mamba_cache_mode',
  'mamba_page_size_padded',
  'mamba_ssm_cache_dtype',
  'num_cpu_blocks',
  'num_gpu_blocks',
  'num_gpu_blocks_override',
  'prefix_cache_retention_interval',
  'prefix_caching_hash_algo',
  'prefix_match_unit',
  'replayssm_buffer_len',
  'skip_page_size_padded',
  'sliding_window',
  'swa_bounded_replay',
  'use_kda_recoverssm',
  'use_replayssm',
  'user_specified_block_size',
] as const

const gauge = (name: string, ...extra: string[]): MetricFamily => ({
  name: `vllm:${name}`,
  type: 'gauge',
  labels: [...ENGINE, ...extra],
})
const counter = (name: string, ...extra: string[]): MetricFamily => ({
  name: `vllm:${name}_total`,
  type: 'counter',
  labels: [...ENGINE, ...extra],
})
const histogram = (name: string, buckets: readonly number[]): MetricFamily => ({
  name: `vllm:${name}`,
  type: 'histogram',
  labels: ENGINE,
  buckets,
})

export function vllmMetricFamilies(maxModelLen: number): MetricFamily[] {
  const tokens = oneTwoFiveBuckets(maxModelLen)
  return [...engineFamilies(tokens), ...httpFamilies]
}

function engineFamilies(tokens: readonly number[]): MetricFamily[] {
  return [
    counter('estimated_flops_per_gpu'),
    counter('estimated_read_bytes_per_gpu'),
    counter('estimated_write_bytes_per_gpu'),
    gauge('num_requests_running'),
    gauge('num_requests_waiting'),
    gauge('num_requests_waiting_by_reason', 'reason'),
    gauge('engine_sleep_state', 'sleep_state'),
    gauge('kv_cache_usage_perc'),
    counter('prefix_cache_queries'),
    counter('prefix_cache_hits'),
    counter('external_prefix_cache_queries'),
    counter('external_prefix_cache_hits'),
    counter('mm_cache_queries'),
    counter('mm_cache_hits'),
    counter('num_preemptions'),
    counter('prompt_tokens'),
    counter('prompt_tokens_by_source', 'source'),
    counter('prompt_tokens_cached'),
    counter('prompt_tokens_cached_by_source', 'source'),
    counter('generation_tokens'),
    counter('request_success', 'finished_reason'),
    { name: 'vllm:admission_rejections_total', type: 'counter', labels: ['model_name', 'reason'] },
    histogram('request_prompt_tokens', tokens),
    histogram('request_generation_tokens', tokens),
    histogram('iteration_tokens_total', ITERATION_TOKENS),
    histogram('request_max_num_generation_tokens', tokens),
    histogram('request_params_n', [1, 2, 5, 10, 20]),
    histogram('request_params_max_tokens', tokens),
    histogram('time_to_first_token_seconds', TTFT_SECONDS),
    histogram('inter_token_latency_seconds', TOKEN_SECONDS),
    histogram('request_time_per_output_token_seconds', TOKEN_SECONDS),
    histogram('e2e_request_latency_seconds', REQUEST_SECONDS),
    histogram('request_queue_time_seconds', REQUEST_SECONDS),
    histogram('request_inference_time_seconds', REQUEST_SECONDS),
    histogram('request_prefill_time_seconds', REQUEST_SECONDS),
    histogram('request_decode_time_seconds', REQUEST_SECONDS),
    histogram('request_num_preemptions', [1, 2, 3, 4, 5, 10, 20]),
    histogram('request_prefill_kv_computed_tokens', tokens),
    { name: 'vllm:cache_config_info', type: 'gauge', labels: VLLM_CACHE_CONFIG_LABELS },
  ]
}

/** The FastAPI instrumentator's families; `handler` is the route's path, `status` is "2xx", "4xx" or "5xx". */
const httpFamilies: readonly MetricFamily[] = [
  { name: 'http_requests_total', type: 'counter', labels: ['handler', 'method', 'status'] },
  { name: 'http_request_size_bytes', type: 'summary', labels: ['handler'] },
  { name: 'http_response_size_bytes', type: 'summary', labels: ['handler'] },
  { name: 'http_request_duration_highr_seconds', type: 'histogram', labels: [], buckets: HTTP_SECONDS },
  { name: 'http_request_duration_seconds', type: 'histogram', labels: ['handler', 'method'], buckets: [0.1, 0.5, 1] },
]
