/** vLLM's families, moved when vllm/v1/metrics/loggers.py moves them. */
import type { ActiveSequence, FinishReason } from '../domain/batcher.ts'
import { countSummary, type Labels, MetricSet } from './metric-set.ts'
import type { EngineGauges, EngineRecorder, HttpExchange, RecorderSetting } from './recorder.ts'

const declared = new Map<string, readonly Labels[]>([
  ['vllm:prompt_tokens_by_source_total', each('source', 'local_compute', 'local_cache_hit', 'external_kv_transfer')],
  [
    'vllm:prompt_tokens_cached_by_source_total',
    each('source', 'device', 'host', 'p2p', 'disk', 'external_unspecified'),
  ],
  ['vllm:request_success_total', each('finished_reason', 'stop', 'length', 'abort', 'error', 'repetition')],
  ['vllm:admission_rejections_total', each('reason', 'max_num_queued_reqs', 'max_num_queued_tokens')],
])

/** The instrumentator leaves these out. */
const UNCOUNTED = new Set(['/health', '/metrics', '/ping', '/version', '/load'])

export function createVllmRecorder(setting: RecorderSetting): EngineRecorder {
  const base = { model_name: setting.servedModelName, engine: '0' }
  let outputTokens = 0
  const set = new MetricSet(setting.families, base, setting.startedAtS)
  return {
    prefixLookedUp(queried, hits) {
      if (!setting.prefixCaching) return
      set.count('vllm:prefix_cache_queries_total', {}, queried)
      set.count('vllm:prefix_cache_hits_total', {}, hits)
    },
    preempted: () => set.count('vllm:num_preemptions_total'),
    // An iteration counts a prompt whole when its first token leaves; one that lets nothing out is not counted.
    stepped() {
      if (outputTokens > 0) set.observe('vllm:iteration_tokens_total', outputTokens)
      outputTokens = 0
    },
    firstToken(active) {
      const { promptTokens } = active.sequence
      outputTokens += promptTokens + 1
      set.observe('vllm:time_to_first_token_seconds', secondsBetween(active.arrivedMs, active.firstTokenMs))
      set.count('vllm:generation_tokens_total')
      set.count('vllm:prompt_tokens_total', {}, promptTokens)
      set.count('vllm:prompt_tokens_by_source_total', { source: 'local_compute' }, promptTokens - active.cachedTokens)
      if (active.cachedTokens === 0) return
      set.count('vllm:prompt_tokens_by_source_total', { source: 'local_cache_hit' }, active.cachedTokens)
      set.count('vllm:prompt_tokens_cached_total', {}, active.cachedTokens)
      set.count('vllm:prompt_tokens_cached_by_source_total', { source: 'device' }, active.cachedTokens)
    },
    token(_active, gapMs) {
      outputTokens++
      set.observe('vllm:inter_token_latency_seconds', gapMs / 1000)
      set.count('vllm:generation_tokens_total')
    },
    finished: (active, reason) => recordFinished(set, active, reason),
    aborted: () => {},
    exchanged: (exchange) => recordExchange(set, exchange),
    render: (gauges) => set.render({ gauges: gaugesOf(setting, gauges), declared }),
  }
}

function recordFinished(set: MetricSet, active: ActiveSequence, reason: FinishReason): void {
  const { promptTokens, maxTokens, choices } = active.sequence
  const decodeS = secondsBetween(active.firstTokenMs, active.lastTokenMs)
  set.count('vllm:request_success_total', { finished_reason: reason })
  set.observe('vllm:request_prompt_tokens', promptTokens)
  set.observe('vllm:request_generation_tokens', active.generated)
  set.observe('vllm:request_max_num_generation_tokens', active.generated)
  set.observe('vllm:request_params_n', choices)
  set.observe('vllm:request_params_max_tokens', maxTokens)
  set.observe('vllm:e2e_request_latency_seconds', secondsBetween(active.arrivedMs, active.lastTokenMs))
  set.observe('vllm:request_queue_time_seconds', secondsBetween(active.arrivedMs, active.scheduledMs))
  set.observe('vllm:request_inference_time_seconds', secondsBetween(active.scheduledMs, active.lastTokenMs))
  set.observe('vllm:request_prefill_time_seconds', secondsBetween(active.scheduledMs, active.firstTokenMs))
  set.observe('vllm:request_decode_time_seconds', decodeS)
  set.observe('vllm:request_num_preemptions', active.preemptions)
  set.observe('vllm:request_prefill_kv_computed_tokens', promptTokens - active.cachedTokens)
  set.observe('vllm:request_time_per_output_token_seconds', active.generated > 1 ? decodeS / (active.generated - 1) : 0)
}

function recordExchange(set: MetricSet, { handler, method, status, durationS, ...size }: HttpExchange): void {
  if (UNCOUNTED.has(handler)) return
  set.count('http_requests_total', { handler, method, status: `${Math.floor(status / 100)}xx` })
  countSummary(set, 'http_request_size_bytes', { handler }, size.requestBytes)
  countSummary(set, 'http_response_size_bytes', { handler }, size.responseBytes)
  set.observe('http_request_duration_highr_seconds', durationS)
  set.observe('http_request_duration_seconds', durationS, { handler, method })
}

function gaugesOf(setting: RecorderSetting, now: EngineGauges) {
  return new Map([
    ['vllm:num_requests_running', [{ labels: {}, value: now.running }]],
    ['vllm:num_requests_waiting', [{ labels: {}, value: now.waiting }]],
    [
      'vllm:num_requests_waiting_by_reason',
      [
        { labels: { reason: 'capacity' }, value: now.waiting },
        { labels: { reason: 'deferred' }, value: 0 },
      ],
    ],
    [
      'vllm:engine_sleep_state',
      [
        { labels: { sleep_state: 'awake' }, value: 1 },
        { labels: { sleep_state: 'weights_offloaded' }, value: 0 },
        { labels: { sleep_state: 'discard_all' }, value: 0 },
      ],
    ],
    ['vllm:kv_cache_usage_perc', [{ labels: {}, value: now.kvUsage }]],
    ['vllm:cache_config_info', [{ labels: cacheConfig(setting, now), value: 1 }]],
  ])
}

function cacheConfig(setting: RecorderSetting, { kvBlocks, kvBlockTokens }: EngineGauges): Labels {
  return {
    _block_size_resolved: 'True',
    block_size: String(kvBlockTokens),
    cache_dtype: 'auto',
    cache_hit_alignment_tokens: 'None',
    effective_attention_block_size: String(kvBlockTokens),
    enable_mamba_shared_prefix_checkpoint: 'False',
    enable_prefix_caching: setting.prefixCaching ? 'True' : 'False',
    gpu_memory_utilization: String(setting.gpuMemoryUtilization),
    hash_block_size: 'None',
    is_attention_free: 'False',
    kv_cache_dtype_skip_layers: '[]',
    kv_cache_layout: 'None',
    kv_cache_max_concurrency: (setting.kvCapacityTokens / setting.maxModelLen).toFixed(2),
    kv_cache_memory_bytes: 'None',
    kv_cache_size_tokens: String(kvBlocks * kvBlockTokens),
    kv_offloading_backend: 'native',
    kv_offloading_size: 'None',
    kv_sharing_fast_prefill: 'False',
    mamba_block_size: 'None',
    mamba_cache_dtype: 'auto',
    mamba_cache_mode: 'none',
    mamba_page_size_padded: 'None',
    mamba_ssm_cache_dtype: 'float32',
    num_cpu_blocks: 'None',
    num_gpu_blocks: String(kvBlocks),
    num_gpu_blocks_override: 'None',
    prefix_cache_retention_interval: '0',
    prefix_caching_hash_algo: 'sha256',
    prefix_match_unit: 'None',
    replayssm_buffer_len: '16',
    skip_page_size_padded: 'None',
    sliding_window: 'None',
    swa_bounded_replay: 'True',
    use_kda_recoverssm: 'False',
    use_replayssm: 'False',
    user_specified_block_size: 'False',
  }
}

function each(label: string, ...values: string[]): Labels[] {
  return values.map((value) => ({ [label]: value }))
}

const secondsBetween = (from: number | null, to: number | null) =>
  from === null || to === null ? 0 : Math.max(0, to - from) / 1000
