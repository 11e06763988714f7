/**
 * What one load makes of a replica's step times: batch, waiting, latencies, throughput. Closed loop (so many requests
 * in flight) by Little's law, open loop (so many per second) by a fixed point and two queues.
 */
import type { Workload } from '@bud/kernel'
import { clamp } from './model-shape.ts'
import type { ReplicaTimes } from './step-model.ts'

/** Assumed when a workload states neither concurrency nor a rate. */
export const DEFAULT_CONCURRENCY = 16

export type Load =
  | { kind: 'closed'; concurrency: number; replicas: number }
  | { kind: 'open'; requestsPerS: number; replicas: number }

export function loadOf(workload: Workload, replicas: number): Load {
  return workload.request_rate_per_s === undefined
    ? { kind: 'closed', concurrency: workload.concurrency ?? DEFAULT_CONCURRENCY, replicas }
    : { kind: 'open', requestsPerS: workload.request_rate_per_s, replicas }
}

export interface RequestShape {
  inputTokens: number
  cachedTokens: number
  outputTokens: number
  /** Sequences one replica decodes together at most. */
  slots: number
}

/** Times are of one request; rates of the whole deployment. */
export interface ReplicaService {
  ttftMs: number
  ttftMsP99: number
  tpotMs: number
  e2eMs: number
  e2eMsP99: number
  outputTokensPerS: number
  maxOutputTokensPerS: number
  requestsPerS: number
  batch: number
  saturated: boolean
}

/**
 * 99th percentiles from means. Fixed parts vary by batch and length (× 1.4), waiting for other prompts triples, waiting
 * for a slot has an exponential tail under a rate (ln 100 = 4.6 times its mean) and is nearly the same for everyone in
 * a closed loop (× 1.3). Published measurements: p99 ÷ mean of the first token 2.0–2.5 in the median, of the time per
 * output token 1.2–1.35, closed and open loop, vLLM and TensorRT-LLM.
 */
const TAIL = { fixed: 1.4, contention: 3, openWait: Math.log(100), closedWait: 1.3, tpot: 1.25 } as const
/** Above its capacity an open loop's queue grows without bound: figures are those after a minute of it. */
const OVERLOAD_SECONDS = 60
const FIXED_POINT_ROUNDS = 18

interface Parts {
  batch: number
  fixedMs: number
  contentionMs: number
  tpotMs: number
}

export function planService(times: ReplicaTimes, load: Load, request: RequestShape): ReplicaService {
  const partsAt = createParts(times, request)
  const decodeTokens = request.outputTokens - 1
  const serviceMs = (parts: Parts) => parts.fixedMs + parts.contentionMs + decodeTokens * parts.tpotMs
  const full = partsAt(request.slots)
  const maxPerMs = (load.replicas * request.slots) / serviceMs(full)
  const finish = (parts: Parts, wait: { meanMs: number; p99Ms: number }, requestsPerMs: number, saturated: boolean) =>
    toService({ parts, wait, requestsPerMs, saturated, decodeTokens, maxPerMs, outputTokens: request.outputTokens })
  if (load.kind === 'closed') {
    const perReplica = Math.max(load.concurrency / load.replicas, 1)
    const parts = partsAt(Math.min(perReplica, request.slots))
    const busyMs = serviceMs(parts)
    const waitMs = busyMs * Math.max(perReplica / request.slots - 1, 0)
    return finish(
      parts,
      { meanMs: waitMs, p99Ms: waitMs * TAIL.closedWait },
      load.concurrency / (busyMs + waitMs),
      perReplica > request.slots,
    )
  }
  const perMs = load.requestsPerS / 1000
  if (perMs >= maxPerMs) {
    const waitMs = OVERLOAD_SECONDS * 1000 * (1 - maxPerMs / perMs)
    return finish(full, { meanMs: waitMs / 2, p99Ms: waitMs }, maxPerMs, true)
  }
  const parts = partsAt(steadyBatch(partsAt, serviceMs, perMs / load.replicas, request.slots))
  const waitMs = openWaitMs(times, request, serviceMs(parts), perMs / load.replicas, perMs / maxPerMs)
  return finish(parts, { meanMs: waitMs, p99Ms: waitMs * TAIL.openWait }, perMs, false)
}

/** What one request meets when `batch` sequences run on its replica (predictor study, section 4). */
function createParts(times: ReplicaTimes, request: RequestShape): (batch: number) => Parts {
  const prompt = { new_tokens: request.inputTokens - request.cachedTokens, context_tokens: request.cachedTokens }
  const alone = times.prefillMs(prompt)
  const share = times.prefillShareMs(prompt)
  const promptsPerStep = clamp(times.max_num_batched_tokens / prompt.new_tokens, 1, 64)
  const launched = Math.hypot(share, times.prefillLaunchMs / promptsPerStep)
  const context = request.inputTokens + request.outputTokens / 2
  return (batch) => {
    const step = times.decodeStepMs({ batch, mean_context_tokens: context })
    return {
      batch,
      fixedMs: times.request_overhead_ms + alone + step,
      contentionMs: times.prefillContention * batch * launched,
      // Every running sequence's prompt was taken in once per `outputTokens` steps.
      tpotMs: step + (batch / request.outputTokens) * share,
    }
  }
}

/** The batch at which as many requests finish as arrive: batch = rate × time in service; by bisection. */
function steadyBatch(
  partsAt: (batch: number) => Parts,
  serviceMs: (parts: Parts) => number,
  requestsPerMs: number,
  slots: number,
): number {
  let low = 0
  let high = slots
  for (let round = 0; round < FIXED_POINT_ROUNDS; round++) {
    const middle = (low + high) / 2
    if (requestsPerMs * serviceMs(partsAt(Math.max(middle, 1))) > middle) low = middle
    else high = middle
  }
  return Math.max(high, 1)
}

/**
 * Mean wait under a rate: for the prompts ahead (M/D/1 on the share of time that prefill takes) and for a slot
 * (M/M/c by Sakasegawa's approximation).
 */
function openWaitMs(
  times: ReplicaTimes,
  request: RequestShape,
  serviceMs: number,
  requestsPerMs: number,
  utilisation: number,
): number {
  const prompt = { new_tokens: request.inputTokens - request.cachedTokens, context_tokens: request.cachedTokens }
  const share = times.prefillShareMs(prompt)
  const prefillLoad = Math.min(requestsPerMs * share, 0.99)
  const prompts = (share * prefillLoad) / (2 * (1 - prefillLoad))
  const slot =
    (serviceMs / request.slots) * (utilisation ** Math.sqrt(2 * (request.slots + 1)) / Math.max(1 - utilisation, 1e-3))
  return prompts + slot
}

function toService(from: {
  parts: Parts
  wait: { meanMs: number; p99Ms: number }
  requestsPerMs: number
  saturated: boolean
  decodeTokens: number
  maxPerMs: number
  outputTokens: number
}): ReplicaService {
  const { parts, wait, decodeTokens } = from
  const ttftMs = parts.fixedMs + parts.contentionMs + wait.meanMs
  const ttftMsP99 = parts.fixedMs * TAIL.fixed + parts.contentionMs * TAIL.contention + wait.p99Ms
  const requestsPerS = Math.min(from.requestsPerMs, from.maxPerMs) * 1000
  return {
    ttftMs,
    ttftMsP99,
    tpotMs: parts.tpotMs,
    e2eMs: ttftMs + decodeTokens * parts.tpotMs,
    e2eMsP99: ttftMsP99 + decodeTokens * parts.tpotMs * TAIL.tpot,
    outputTokensPerS: requestsPerS * from.outputTokens,
    maxOutputTokensPerS: from.maxPerMs * from.outputTokens * 1000,
    requestsPerS,
    batch: parts.batch,
    saturated: from.saturated,
  }
}
