/** Percentiles of a request's times from the means of their parts. */
import type { Workload } from '@bud/kernel'
import type { ReplicaService } from './replica-service.ts'
import { lengthSpread, PERCENTILES, type Percentile, quantileFactor, SHARES, spreadOfTail } from './spread.ts'
import { meanWaitMs, waitQuantileMs } from './waiting.ts'

/**
 * How far the 99th percentile lies from the mean where lengths are fixed: batches and steps vary (× 1.4 of a first
 * token's own work, × 1.25 of a decode), other prompts come in clusters (× 3), a closed loop's wait is nearly the same
 * for everyone (× 1.3). Published measurements: p99 ÷ mean of the first token 2.0–2.5 in the median, of the time per
 * output token 1.2–1.35, closed and open loop, vLLM and TensorRT-LLM.
 */
const TAILS = {
  own: spreadOfTail(1.4),
  contention: spreadOfTail(3),
  evenWait: spreadOfTail(1.3),
  decode: spreadOfTail(1.25),
} as const

export interface LatencyPercentiles {
  ttftMs: Record<Percentile, number>
  tpotMs: Record<Percentile, number>
  e2eMs: Record<Percentile, number>
}

/** Parts are taken to be slow together: a busy moment delays every one of them. */
export function percentilesOf(service: ReplicaService, workload: Workload): LatencyPercentiles {
  const { point } = service
  const decodeMs = (workload.output_tokens - 1) * point.tpotMs
  const promptSpread = Math.hypot(TAILS.own, lengthSpread(workload.input_tokens_cv ?? 0))
  const answerSpread = Math.hypot(TAILS.decode, lengthSpread(workload.output_tokens_cv ?? 0))
  const ownMs = Math.max(point.ttftMs - point.promptMs, 0)
  const slotMeanMs = meanWaitMs(service.slotWait)
  const result: LatencyPercentiles = { ttftMs: zeros(), tpotMs: zeros(), e2eMs: zeros() }
  for (const percentile of PERCENTILES) {
    const slotMs = waitQuantileMs(service.slotWait, SHARES[percentile])
    const ttftMs =
      ownMs * quantileFactor(percentile, TAILS.own) +
      point.promptMs * quantileFactor(percentile, promptSpread) +
      service.promptWaitMs * quantileFactor(percentile, TAILS.contention) +
      service.evenWaitMs * quantileFactor(percentile, TAILS.evenWait) +
      // A rare wait has its mean from beyond the percentile.
      (percentile === 'p99' ? Math.max(slotMs, slotMeanMs) : slotMs)
    result.ttftMs[percentile] = ttftMs
    result.tpotMs[percentile] = point.tpotMs * quantileFactor(percentile, TAILS.decode)
    result.e2eMs[percentile] = ttftMs + decodeMs * quantileFactor(percentile, answerSpread)
  }
  return result
}

const zeros = (): Record<Percentile, number> => ({ p50: 0, p95: 0, p99: 0 })
