/**
 * Families of a unified (not disaggregated) SGLang server without LoRA, speculation or hierarchical cache, as
 * srt/observability declares them, without those that tell of its allocator's inner life. Not checked against a running server.
 */
import type { MetricFamily } from './types.ts'

const TOKENIZER = ['model_name', 'engine_type'] as const
const RANK = [...TOKENIZER, 'tp_rank', 'pp_rank', 'moe_ep_rank'] as const

const TTFT = [0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 20, 40, 60, 80, 100, 200, 400]
const E2E = [...TTFT, 600, 1200, 1800, 2400]
const ITL = [
  0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04, 0.06, 0.08, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4,
  6, 8,
]
const QUEUE = [
  0, 0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 300, 400,
  500, 600, 700, 800, 900, 1000, 1200, 1400, 1600, 1800, 2000, 2500, 3000,
]
/** prometheus exponential_buckets(start=0.001, width=1.62, length=30). */
const STAGE = Array.from({ length: 30 }, (_, i) => 0.001 * 1.62 ** i)

const gauge = (name: string, ...extra: string[]): MetricFamily => ({
  name: `sglang:${name}`,
  type: 'gauge',
  labels: [...RANK, ...extra],
})
const counter = (name: string, labels: readonly string[]): MetricFamily => ({
  name: `sglang:${name}_total`,
  type: 'counter',
  labels,
})
const histogram = (name: string, labels: readonly string[], buckets: readonly number[]): MetricFamily => ({
  name: `sglang:${name}`,
  type: 'histogram',
  labels,
  buckets,
})

export const sglangMetricFamilies: readonly MetricFamily[] = [
  gauge('num_running_reqs'),
  gauge('num_used_tokens'),
  gauge('token_usage'),
  gauge('full_token_usage'),
  gauge('gen_throughput'),
  gauge('num_queue_reqs'),
  gauge('num_grammar_queue_reqs'),
  gauge('cache_hit_rate'),
  gauge('num_paused_reqs'),
  gauge('kv_available_tokens'),
  gauge('kv_used_tokens'),
  gauge('max_total_num_tokens'),
  gauge('context_len'),
  gauge('page_size'),
  gauge('utilization'),
  gauge('is_cuda_graph'),
  counter('num_retracted_requests', RANK),
  counter('num_retracted_input_tokens', RANK),
  counter('num_retracted_output_tokens', RANK),
  counter('realtime_tokens', [...RANK, 'mode']),
  histogram('queue_time_seconds', RANK, QUEUE),
  histogram('per_stage_req_latency_seconds', [...RANK, 'stage'], STAGE),
  counter('prompt_tokens', [...TOKENIZER, 'is_streaming']),
  counter('generation_tokens', [...TOKENIZER, 'is_streaming']),
  counter('cached_tokens', [...TOKENIZER, 'cache_source']),
  counter('num_requests', [...TOKENIZER, 'is_streaming']),
  counter('num_aborted_requests', TOKENIZER),
  histogram('time_to_first_token_seconds', [...TOKENIZER, 'is_streaming'], TTFT),
  histogram('inter_token_latency_seconds', TOKENIZER, ITL),
  histogram('request_time_per_output_token_seconds', [...TOKENIZER, 'is_streaming'], ITL),
  histogram('e2e_request_latency_seconds', [...TOKENIZER, 'is_streaming'], E2E),
  { name: 'sglang:http_requests_total', type: 'counter', labels: ['endpoint', 'method'] },
  { name: 'sglang:http_responses_total', type: 'counter', labels: ['endpoint', 'status_code', 'method'] },
  { name: 'sglang:http_requests_active', type: 'gauge', labels: ['endpoint', 'method'] },
]
