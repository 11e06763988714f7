/** SGLang 0.5.23, from its source (data/engine-flags); metrics exist only with `--enable-metrics`. */
import { sglangMetricFamilies } from './sglang-metrics.ts'
import type { EngineProfile, MetricSeries, MetricType } from './types.ts'

/** The scheduler repeats its figures for each rank; the tokenizer manager, which times requests, does not. */
const atRankZero = { tp_rank: '0', pp_rank: '0' }

const scheduler = (name: string, type: MetricType): MetricSeries => ({
  name: `sglang:${name}`,
  type,
  where: atRankZero,
})
const tokenizer = (name: string, type: MetricType): MetricSeries => ({ name: `sglang:${name}`, type, where: {} })

export const sglang: EngineProfile = {
  versions: ['0.5.23'],
  facts: {
    default_port: 30_000,
    health_path: '/health',
    readiness_path: '/health',
    deep_health_path: '/health_generate',
    models_path: '/v1/models',
    version_path: '/server_info',
    metrics_path: '/metrics',
    kv_block_tokens: 1,
    image_bytes: 14e9,
    metrics: {
      running: scheduler('num_running_reqs', 'gauge'),
      waiting: scheduler('num_queue_reqs', 'gauge'),
      kv_usage: scheduler('token_usage', 'gauge'),
      prompt_tokens: tokenizer('prompt_tokens_total', 'counter'),
      generation_tokens: tokenizer('generation_tokens_total', 'counter'),
      finished_requests: tokenizer('num_requests_total', 'counter'),
      ttft: tokenizer('time_to_first_token_seconds', 'histogram'),
      tpot: tokenizer('request_time_per_output_token_seconds', 'histogram'),
      itl: tokenizer('inter_token_latency_seconds', 'histogram'),
      e2e: tokenizer('e2e_request_latency_seconds', 'histogram'),
      queue_time: scheduler('queue_time_seconds', 'histogram'),
    },
    // The server listens after the schedulers have loaded and captured graphs; /health is 503 until a warm-up request is through.
    startup: [
      { phase: 'scheduling', fixed_s: 2, bytes_per_s: null, moves: null, health: 'refused' },
      { phase: 'pulling', fixed_s: 3, bytes_per_s: 5e8, moves: 'image', health: 'refused' },
      { phase: 'loading', fixed_s: 10, bytes_per_s: 2e9, moves: 'weights', health: 'refused' },
      { phase: 'compiling', fixed_s: 25, bytes_per_s: null, moves: null, health: 'refused' },
      { phase: 'warming', fixed_s: 10, bytes_per_s: null, moves: null, health: 503 },
    ],
  },
  /** server_args.py: the chunk follows the GPU's memory, the batch what the KV pool holds. */
  defaults({ memory_gb }) {
    return { max_num_batched_tokens: chunkFor(memory_gb), max_num_seqs: 4096 }
  },
  families: () => sglangMetricFamilies,
}

function chunkFor(memoryGb: number): number {
  if (memoryGb < 38) return 2048
  if (memoryGb < 64) return 4096
  return memoryGb < 170 ? 8192 : 16_384
}
