/**
 * The limits of a search, each as a figure of a prediction: latency limits are held by the 99th percentile, so that
 * its alert stays quiet, and all of speed at the confidence asked for.
 */
import type { Prediction, Targets, Workload } from '@bud/kernel'
import { boundExponent, lowerBound, upperBound } from '../../domain/intervals/bound-at.ts'
import { HOURS_PER_MONTH } from '../../domain/price-book.ts'
import { milliseconds, rate, tokensPerS, usdPerHour, usdPerMonth } from './formats.ts'
import type { Constraint } from './search-types.ts'

export interface Limit {
  constraint: Constraint
  code: string
  what: string
  sense: 'at most' | 'at least'
  limit: number
  /** What counts against the limit, at the confidence. */
  reached(prediction: Prediction): number
  /** The same as predicted. */
  predicted(prediction: Prediction): number
  format(value: number): string
}

export interface Limits {
  targets: Targets
  workload: Workload
  confidence: number
  /** Speed and load: what more replicas can only improve. */
  performance: Limit[]
  budget: Limit[]
}

/** A closed loop whose requests wait for a free place: no figure says by how much. */
const WAITING_EXCESS = 0.1

export function createLimits(targets: Targets, workload: Workload, confidence: number): Limits {
  const exponent = boundExponent(confidence)
  return {
    targets,
    workload,
    confidence,
    performance: [...latencyLimits(targets, exponent), ...rateLimits(targets, workload, exponent)],
    budget: budgetLimits(targets),
  }
}

function latencyLimits(targets: Targets, exponent: number): Limit[] {
  const limits: Limit[] = []
  const { ttft_ms: ttft, e2e_ms: e2e, tokens_per_s_per_user: stream } = targets
  if (ttft !== undefined) {
    limits.push({
      constraint: 'ttft_ms',
      code: 'ttft-exceeds-target',
      what: 'Time to first token (p99)',
      sense: 'at most',
      limit: ttft,
      reached: (prediction) => upperBound(prediction.ttft_ms_p99, exponent),
      predicted: (prediction) => prediction.ttft_ms_p99.value,
      format: milliseconds,
    })
  }
  if (e2e !== undefined) {
    limits.push({
      constraint: 'e2e_ms',
      code: 'e2e-exceeds-target',
      what: 'End-to-end latency (p99)',
      sense: 'at most',
      limit: e2e,
      reached: (prediction) => upperBound(prediction.e2e_ms_p99, exponent),
      predicted: (prediction) => prediction.e2e_ms_p99.value,
      format: milliseconds,
    })
  }
  if (stream !== undefined) {
    limits.push({
      constraint: 'tokens_per_s_per_user',
      code: 'stream-too-slow',
      what: 'Output speed of one stream',
      sense: 'at least',
      limit: stream,
      reached: (prediction) => 1000 / upperBound(prediction.tpot_ms, exponent),
      predicted: (prediction) => 1000 / prediction.tpot_ms.value,
      format: tokensPerS,
    })
  }
  return limits
}

function rateLimits({ tokens_per_s: wanted }: Targets, workload: Workload, exponent: number): Limit[] {
  const limits: Limit[] = []
  const offered = workload.request_rate_per_s
  if (wanted !== undefined) {
    // A stated rate asks for so many tokens and no more: there the limit is about what could be served.
    const figure = (prediction: Prediction) =>
      offered === undefined ? prediction.output_tokens_per_s : prediction.max_output_tokens_per_s
    limits.push({
      constraint: 'tokens_per_s',
      code: 'throughput-below-target',
      what: 'Throughput',
      sense: 'at least',
      limit: wanted,
      reached: (prediction) => lowerBound(figure(prediction), exponent),
      predicted: (prediction) => figure(prediction).value,
      format: tokensPerS,
    })
  }
  limits.push({
    constraint: 'load',
    code: 'load-exceeds-capacity',
    what: offered === undefined ? 'Requests that run at once' : 'Requests served',
    sense: 'at least',
    limit: offered ?? 1,
    reached: (prediction) =>
      offered === undefined
        ? prediction.saturated
          ? Math.exp(-WAITING_EXCESS)
          : 1
        : servable(prediction, workload, offered, exponent),
    predicted: (prediction) => capacityOf(prediction, workload).value,
    format: (value) => `${rate(value)} requests/s`,
  })
  return limits
}

const capacityOf = (prediction: Prediction, { output_tokens: tokens }: Workload) => {
  if (prediction.max_requests_per_s) return prediction.max_requests_per_s
  const { value, low, high } = prediction.max_output_tokens_per_s
  return { value: value / tokens, low: low === null ? null : low / tokens, high: high === null ? null : high / tokens }
}

/** What is called saturated never holds, whatever its capacity is said to be. */
function servable(prediction: Prediction, workload: Workload, offered: number, exponent: number): number {
  const capacity = lowerBound(capacityOf(prediction, workload), exponent)
  return prediction.saturated ? Math.min(capacity, prediction.requests_per_s.value, offered * (1 - 1e-9)) : capacity
}

/** An unknown cost holds no budget. */
function budgetLimits({ budget_usd_per_hour: hourly, budget_usd_per_month: monthly }: Targets): Limit[] {
  const limits: Limit[] = []
  const budget = (constraint: Constraint, limit: number, hours: number, per: string): Limit => {
    const cost = (prediction: Prediction) => (prediction.cost_usd_per_hour ?? Number.POSITIVE_INFINITY) * hours
    const format = hours === 1 ? usdPerHour : usdPerMonth
    const what = `Cost per ${per}`
    return {
      constraint,
      code: 'budget-exceeded',
      what,
      sense: 'at most',
      limit,
      reached: cost,
      predicted: cost,
      format,
    }
  }
  if (hourly !== undefined) limits.push(budget('budget_usd_per_hour', hourly, 1, 'hour'))
  if (monthly !== undefined) limits.push(budget('budget_usd_per_month', monthly, HOURS_PER_MONTH, 'month'))
  return limits
}

/** USD per hour that both budgets allow; Infinity without one. */
export const hourlyBudget = ({ budget_usd_per_hour: hourly, budget_usd_per_month: monthly }: Targets): number =>
  Math.min(hourly ?? Number.POSITIVE_INFINITY, (monthly ?? Number.POSITIVE_INFINITY) / HOURS_PER_MONTH)
