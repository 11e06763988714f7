/**
 * TensorRT-LLM's families: everything about requests moves when a request completes, and its gauges are those of the
 * last iteration. The labels are literally "undefined": trtllm-serve creates its collector with them.
 */
import type { ActiveSequence, FinishReason, StepPlan } from '../domain/batcher.ts'
import { MetricSet } from './metric-set.ts'
import type { EngineGauges, EngineRecorder, RecorderSetting } from './recorder.ts'

const declared = new Map([
  ['trtllm_request_success_total', [{ finished_reason: 'stop' }, { finished_reason: 'length' }]],
])

export function createTensorrtLlmRecorder(setting: RecorderSetting): EngineRecorder {
  const base = { model_name: 'undefined', engine_type: 'undefined' }
  const set = new MetricSet(setting.families, base, null)
  let last: { plan: StepPlan; durationMs: number } | undefined
  let queried = 0
  let reused = 0
  return {
    prefixLookedUp(tokens, hits) {
      queried += tokens
      reused += hits
      set.count('trtllm_prompt_cached_tokens_total', {}, hits)
    },
    preempted: () => {},
    stepped(plan, durationMs) {
      last = { plan, durationMs }
    },
    firstToken: () => {},
    token: () => {},
    finished: (active, reason) => recordFinished(set, active, reason),
    aborted: () => {},
    exchanged({ status }) {
      if (status >= 400) set.count('trtllm_request_error_total', { http_code: String(status) })
    },
    render: (gauges) =>
      set.render({
        gauges: gaugesOf(setting, gauges, { ...last, hitRate: queried === 0 ? 0 : reused / queried }),
        declared,
      }),
  }
}

function recordFinished(set: MetricSet, active: ActiveSequence, reason: FinishReason): void {
  const decodeS = secondsBetween(active.firstTokenMs, active.lastTokenMs)
  set.count('trtllm_request_success_total', { finished_reason: reason })
  set.count('trtllm_num_requests_completed_total')
  set.count('trtllm_prompt_tokens_total', {}, active.sequence.promptTokens)
  set.count('trtllm_generation_tokens_total', {}, active.generated)
  set.observe('trtllm_e2e_request_latency_seconds', secondsBetween(active.arrivedMs, active.lastTokenMs))
  set.observe('trtllm_time_to_first_token_seconds', secondsBetween(active.arrivedMs, active.firstTokenMs))
  set.observe('trtllm_request_queue_time_seconds', secondsBetween(active.arrivedMs, active.scheduledMs))
  set.observe('trtllm_request_prefill_time_seconds', secondsBetween(active.scheduledMs, active.firstTokenMs))
  set.observe('trtllm_request_decode_time_seconds', decodeS)
  set.observe('trtllm_request_inference_time_seconds', secondsBetween(active.scheduledMs, active.lastTokenMs))
  if (active.generated > 1) set.observe('trtllm_time_per_output_token_seconds', decodeS / (active.generated - 1))
}

interface LastIteration {
  plan?: StepPlan
  durationMs?: number
  hitRate: number
}

function gaugesOf(setting: RecorderSetting, now: EngineGauges, last: LastIteration) {
  const scheduled = now.running > 0 ? (last.plan?.items.length ?? 0) : 0
  const decoding = now.running > 0 ? (last.plan?.decodeBatch ?? 0) : 0
  const values: Record<string, number> = {
    kv_cache_hit_rate: last.hitRate,
    kv_cache_utilization: now.kvUsage,
    num_requests_running: now.running,
    num_requests_waiting: now.waiting,
    max_num_active_requests: setting.maxNumSeqs,
    iteration_latency_seconds: (last.durationMs ?? 0) / 1000,
    max_batch_size_static: setting.maxNumSeqs,
    max_num_tokens_runtime: setting.maxNumBatchedTokens,
    kv_cache_max_blocks: now.kvBlocks,
    kv_cache_free_blocks: now.kvBlocks - now.kvUsedBlocks,
    kv_cache_used_blocks: now.kvUsedBlocks,
    kv_cache_tokens_per_block: now.kvBlockTokens,
    num_context_requests: scheduled - decoding,
    num_generation_requests: decoding,
    num_paused_requests: 0,
    num_scheduled_requests: scheduled,
  }
  return new Map(Object.entries(values).map(([name, value]) => [`trtllm_${name}`, [{ labels: {}, value }]]))
}

const secondsBetween = (from: number | null, to: number | null) =>
  from === null || to === null ? 0 : Math.max(0, to - from) / 1000
