/** SGLang's families: the scheduler's at rank 0, the tokenizer manager's once a request is done. */
import type { ActiveSequence } from '../domain/batcher.ts'
import { type Labels, MetricSet } from './metric-set.ts'
import type { EngineGauges, EngineRecorder, RecorderSetting } from './recorder.ts'

const STREAMING: readonly Labels[] = [{ is_streaming: 'true' }, { is_streaming: 'false' }]
const declared = new Map<string, readonly Labels[]>([
  ['sglang:realtime_tokens_total', [{ mode: 'prefill_compute' }, { mode: 'prefill_cache' }, { mode: 'decode' }]],
  ['sglang:cached_tokens_total', [{ cache_source: 'device' }]],
  ['sglang:num_requests_total', STREAMING],
  ['sglang:prompt_tokens_total', STREAMING],
  ['sglang:generation_tokens_total', STREAMING],
  ['sglang:time_to_first_token_seconds', STREAMING],
  ['sglang:request_time_per_output_token_seconds', STREAMING],
  ['sglang:e2e_request_latency_seconds', STREAMING],
])

export function createSglangRecorder(setting: RecorderSetting): EngineRecorder {
  const base = {
    model_name: setting.servedModelName,
    engine_type: 'unified',
    tp_rank: '0',
    pp_rank: '0',
    moe_ep_rank: '0',
  }
  const set = new MetricSet(setting.families, base, null)
  let throughput = 0
  let hitRate = 0
  return {
    prefixLookedUp(queried, hits) {
      hitRate = hits / queried
      set.count('sglang:realtime_tokens_total', { mode: 'prefill_cache' }, hits)
      set.count('sglang:realtime_tokens_total', { mode: 'prefill_compute' }, queried - hits)
      if (hits > 0) set.count('sglang:cached_tokens_total', { cache_source: 'device' }, hits)
    },
    preempted(active) {
      set.count('sglang:num_retracted_requests_total')
      set.count('sglang:num_retracted_input_tokens_total', {}, active.sequence.promptTokens)
      set.count('sglang:num_retracted_output_tokens_total', {}, active.generated)
    },
    stepped(plan, durationMs) {
      throughput = (plan.decodeBatch / durationMs) * 1000
      if (plan.decodeBatch > 0) set.count('sglang:realtime_tokens_total', { mode: 'decode' }, plan.decodeBatch)
    },
    firstToken(active) {
      set.observe(
        'sglang:time_to_first_token_seconds',
        secondsBetween(active.arrivedMs, active.firstTokenMs),
        streaming(active),
      )
      set.observe('sglang:queue_time_seconds', secondsBetween(active.arrivedMs, active.scheduledMs))
    },
    token: (_active, gapMs) => set.observe('sglang:inter_token_latency_seconds', gapMs / 1000),
    finished: (active) => recordFinished(set, active),
    aborted: () => set.count('sglang:num_aborted_requests_total'),
    exchanged({ handler, method, status }) {
      set.count('sglang:http_requests_total', { endpoint: handler, method })
      set.count('sglang:http_responses_total', { endpoint: handler, status_code: String(status), method })
    },
    render: (gauges) =>
      set.render({
        gauges: gaugesOf(setting, gauges, { throughput: gauges.running > 0 ? throughput : 0, hitRate }),
        declared,
      }),
  }
}

function recordFinished(set: MetricSet, active: ActiveSequence): void {
  const labels = streaming(active)
  const decodeS = secondsBetween(active.firstTokenMs, active.lastTokenMs)
  set.count('sglang:num_requests_total', labels)
  set.count('sglang:prompt_tokens_total', labels, active.sequence.promptTokens)
  set.count('sglang:generation_tokens_total', labels, active.generated)
  set.observe('sglang:e2e_request_latency_seconds', secondsBetween(active.arrivedMs, active.lastTokenMs), labels)
  if (active.generated > 1)
    set.observe('sglang:request_time_per_output_token_seconds', decodeS / (active.generated - 1), labels)
}

function gaugesOf(setting: RecorderSetting, now: EngineGauges, last: { throughput: number; hitRate: number }) {
  const used = now.kvUsedBlocks * now.kvBlockTokens
  const all = now.kvBlocks * now.kvBlockTokens
  const values: Record<string, number> = {
    num_running_reqs: now.running,
    num_used_tokens: used,
    token_usage: now.kvUsage,
    full_token_usage: now.kvUsage,
    gen_throughput: last.throughput,
    num_queue_reqs: now.waiting,
    num_grammar_queue_reqs: 0,
    cache_hit_rate: last.hitRate,
    num_paused_reqs: 0,
    kv_available_tokens: all - used,
    kv_used_tokens: used,
    max_total_num_tokens: all,
    context_len: setting.maxModelLen,
    page_size: now.kvBlockTokens,
    utilization: now.running / setting.maxNumSeqs,
    is_cuda_graph: 1,
  }
  return new Map(Object.entries(values).map(([name, value]) => [`sglang:${name}`, [{ labels: {}, value }]]))
}

const streaming = ({ sequence }: ActiveSequence): Labels => ({ is_streaming: sequence.streamed ? 'true' : 'false' })
const secondsBetween = (from: number | null, to: number | null) =>
  from === null || to === null ? 0 : Math.max(0, to - from) / 1000
