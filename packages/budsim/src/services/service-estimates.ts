/**
 * A replica's service as estimates with 80 % intervals, of the replica and of all. The interval of throughput is that of
 * the time a request takes; the same load on a replica that much slower or faster gives the ends of everything derived:
 * batch, waits, rates, end to end.
 */
import type { Estimate, PredictedPercentiles, Prediction, Workload } from '@bud/kernel'
import type { Bounds } from '../domain/intervals/interval-model.ts'
import type { Target } from '../domain/physics/calibrated.ts'
import { type LatencyPercentiles, percentilesOf } from '../domain/service/percentiles.ts'
import { type Load, planService, type Replica, type ReplicaService } from '../domain/service/replica-service.ts'
import { meanWaitMs } from '../domain/service/waiting.ts'

export interface EstimatesQuery {
  replica: Replica
  load: Load
  workload: Workload
  service: ReplicaService
  bounds: Record<Target, Bounds>
  replicas: number
}

type Estimates = Pick<
  Prediction,
  | 'ttft_ms'
  | 'ttft_ms_p99'
  | 'tpot_ms'
  | 'e2e_ms'
  | 'e2e_ms_p99'
  | 'output_tokens_per_s'
  | 'max_output_tokens_per_s'
  | 'requests_per_s'
  | 'max_requests_per_s'
  | 'percentiles'
  | 'per_replica'
>

export function estimatesOf(query: EstimatesQuery): Estimates {
  const { replica, load, workload, service, bounds, replicas } = query
  const slow = endOf(query, planService(replica, load, Math.exp(Math.max(-bounds.output.low, 0))), 'high')
  const fast = endOf(query, planService(replica, load, Math.exp(Math.min(-bounds.output.high, 0))), 'low')
  const middle = percentilesOf(service, workload)
  const percentiles = (of: keyof LatencyPercentiles): PredictedPercentiles => ({
    p50: estimate(middle[of].p50, fast.percentiles[of].p50, slow.percentiles[of].p50),
    p95: estimate(middle[of].p95, fast.percentiles[of].p95, slow.percentiles[of].p95),
    p99: estimate(middle[of].p99, fast.percentiles[of].p99, slow.percentiles[of].p99),
  })
  const rate = (of: 'requestsPerMs' | 'maxRequestsPerMs', factor: number): Estimate =>
    estimate(service[of] * factor, slow.service[of] * factor, fast.service[of] * factor)
  const perS = 1e3 * replicas
  const tokensPerS = perS * replica.outputTokens
  const [ttft, e2e] = [percentiles('ttftMs'), percentiles('e2eMs')]
  return {
    ttft_ms: estimate(service.ttftMs, fast.ttftMs, slow.ttftMs),
    ttft_ms_p99: ttft.p99,
    tpot_ms: estimate(service.point.tpotMs, fast.tpotMs, slow.tpotMs),
    e2e_ms: estimate(service.e2eMs, fast.service.e2eMs, slow.service.e2eMs),
    e2e_ms_p99: e2e.p99,
    output_tokens_per_s: rate('requestsPerMs', tokensPerS),
    max_output_tokens_per_s: rate('maxRequestsPerMs', tokensPerS),
    requests_per_s: rate('requestsPerMs', perS),
    max_requests_per_s: rate('maxRequestsPerMs', perS),
    percentiles: { ttft_ms: ttft, tpot_ms: percentiles('tpotMs'), e2e_ms: e2e },
    per_replica: {
      output_tokens_per_s: rate('requestsPerMs', 1e3 * replica.outputTokens),
      max_output_tokens_per_s: rate('maxRequestsPerMs', 1e3 * replica.outputTokens),
      max_requests_per_s: rate('maxRequestsPerMs', 1e3),
    },
  }
}

interface End {
  service: ReplicaService
  ttftMs: number
  tpotMs: number
  percentiles: LatencyPercentiles
}

/**
 * First token and time per token err by themselves, at the batch of a replica that slow or fast; the waits before the
 * first token by the speed of all requests, and by no less than it.
 */
function endOf(
  { workload, service: middle, bounds }: EstimatesQuery,
  service: ReplicaService,
  side: 'low' | 'high',
): End {
  const { slowness } = service
  const further = side === 'high' ? Math.max : Math.min
  const ttftFactor = Math.exp(further(bounds.ttft[side], 0))
  const ttftScale = ttftFactor / slowness
  const tpotMs = (service.point.tpotMs / slowness) * Math.exp(further(bounds.tpot[side], 0))
  const point = {
    ttftMs: service.point.ttftMs * ttftScale,
    promptMs: service.point.promptMs * ttftScale,
    tpotMs,
  }
  const waits = {
    promptWaitMs: further(service.promptWaitMs, middle.promptWaitMs * ttftFactor),
    evenWaitMs: further(service.evenWaitMs, middle.evenWaitMs * ttftFactor),
    slotWait: {
      probability: further(service.slotWait.probability, middle.slotWait.probability),
      delayedMs: further(service.slotWait.delayedMs, middle.slotWait.delayedMs * ttftFactor),
      driftMs: further(service.slotWait.driftMs, middle.slotWait.driftMs * ttftFactor),
    },
  }
  const alone = percentilesOf({ ...service, ...waits, point }, workload)
  return {
    service,
    ttftMs: point.ttftMs + waits.promptWaitMs + waits.evenWaitMs + meanWaitMs(waits.slotWait),
    tpotMs,
    percentiles: { ...alone, e2eMs: percentilesOf(service, workload).e2eMs },
  }
}

/** Rounding may put an end a hair on the wrong side of the value. */
const estimate = (value: number, low: number, high: number): Estimate => ({
  value,
  low: Math.min(low, value),
  high: Math.max(high, value),
})
