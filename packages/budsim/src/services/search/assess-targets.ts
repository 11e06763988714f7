/** Does a prediction hold the limits? Latency limits are held by the 99th percentile, so that its alert stays quiet. */
import type { Prediction, Targets, Workload } from '@bud/kernel'
import { HOURS_PER_MONTH } from '../../domain/price-book.ts'
import { milliseconds, rate, tokensPerS, usdPerHour, usdPerMonth } from './formats.ts'
import type { Miss } from './search-types.ts'

/** Speed and load, without money: what more replicas can only improve. */
export function assessPerformance(prediction: Prediction, targets: Targets, workload: Workload): Miss[] {
  const misses: Miss[] = []
  if (targets.ttft_ms !== undefined) {
    upper(
      misses,
      'ttft-exceeds-target',
      'targets.ttft_ms',
      'Time to first token (p99)',
      prediction.ttft_ms_p99.value,
      targets.ttft_ms,
      milliseconds,
    )
  }
  if (targets.e2e_ms !== undefined) {
    upper(
      misses,
      'e2e-exceeds-target',
      'targets.e2e_ms',
      'End-to-end latency (p99)',
      prediction.e2e_ms_p99.value,
      targets.e2e_ms,
      milliseconds,
    )
  }
  if (targets.tokens_per_s_per_user !== undefined) {
    lower(
      misses,
      'stream-too-slow',
      'targets.tokens_per_s_per_user',
      'Output speed of one stream',
      1000 / prediction.tpot_ms.value,
      targets.tokens_per_s_per_user,
      tokensPerS,
    )
  }
  if (targets.tokens_per_s !== undefined) {
    // A stated rate asks for so many tokens and no more: there the limit is about what could be served.
    const reached =
      workload.request_rate_per_s === undefined ? prediction.output_tokens_per_s : prediction.max_output_tokens_per_s
    lower(
      misses,
      'throughput-below-target',
      'targets.tokens_per_s',
      'Throughput',
      reached.value,
      targets.tokens_per_s,
      tokensPerS,
    )
  }
  if (prediction.saturated && misses.length === 0) misses.push(overload(prediction, workload))
  return misses
}

/** Money; GPU types without a price are refused before. */
export function assessBudget(prediction: Prediction, targets: Targets): Miss[] {
  const limits = [
    { limit: targets.budget_usd_per_hour, hoursEach: 1, path: 'targets.budget_usd_per_hour', per: 'hour' },
    {
      limit: targets.budget_usd_per_month,
      hoursEach: HOURS_PER_MONTH,
      path: 'targets.budget_usd_per_month',
      per: 'month',
    },
  ]
  const misses: Miss[] = []
  const cost = prediction.cost_usd_per_hour
  for (const { limit, hoursEach, path, per } of limits) {
    if (limit === undefined || cost === null) continue
    upper(
      misses,
      'budget-exceeded',
      path,
      `Cost per ${per}`,
      cost * hoursEach,
      limit,
      per === 'hour' ? usdPerHour : usdPerMonth,
    )
  }
  return misses
}

function overload(prediction: Prediction, workload: Workload): Miss {
  const wanted = workload.request_rate_per_s
  const message =
    wanted === undefined
      ? `Requests wait for a free place: only ${Math.floor(prediction.batch_per_replica)} per replica run at once.`
      : `The load of ${rate(wanted)} requests/s exceeds the ${rate(prediction.requests_per_s.value)} that can be served: the queue grows without end.`
  return {
    excess: wanted === undefined ? 0.1 : Math.log(wanted / prediction.requests_per_s.value),
    reason: {
      code: 'load-exceeds-capacity',
      message,
      path: 'workload',
      next_step: 'Allow more replicas or a lower load.',
    },
  }
}

type Format = (value: number) => string

function upper(
  misses: Miss[],
  code: string,
  path: string,
  what: string,
  value: number,
  limit: number,
  format: Format,
): void {
  if (value <= limit) return
  misses.push({
    excess: Math.log(value / limit),
    reason: missReason(code, path, what, value, limit, format, 'at most'),
  })
}

function lower(
  misses: Miss[],
  code: string,
  path: string,
  what: string,
  value: number,
  limit: number,
  format: Format,
): void {
  if (value >= limit) return
  misses.push({
    excess: Math.log(limit / value),
    reason: missReason(code, path, what, value, limit, format, 'at least'),
  })
}

function missReason(
  code: string,
  path: string,
  what: string,
  value: number,
  limit: number,
  format: Format,
  word: string,
) {
  const percent = Math.round(Math.abs(value / limit - 1) * 100)
  return {
    code,
    message: `${what} would be ${format(value)}; the limit is ${word} ${format(limit)} (${percent < 1 ? 'under 1' : percent} % off).`,
    path,
    evidence: `${what}: ${format(value)} predicted, ${format(limit)} wanted.`,
    next_step: `A limit of ${format(value)} would hold.`,
  }
}
