/** A prediction held against the limits, each with its margin. */
import type { Estimate, Prediction, Targets, Workload } from '@bud/kernel'
import { formatFigure, formatMs, formatUsd } from '../../../prepare/format.ts'
import type { Tone } from '../../../prepare/states.ts'

export interface TargetRow {
  key: string
  label: string
  predicted: string
  /** The 80 % interval; undefined where the predictor states none. */
  interval: string | undefined
  /** undefined: no limit was set. */
  limit: string | undefined
  verdict: { tone: Tone; word: string } | undefined
  /** Places on the bar, 0–100; undefined where there is nothing to compare. */
  bar: TargetBar | undefined
}

export interface TargetBar {
  value: number
  low: number | undefined
  high: number | undefined
  limit: number | undefined
}

interface TargetKind {
  key: string
  label: string | ((workload: Workload) => string)
  /** The limit that the figure is held against. */
  target?: keyof Targets
  /** 'most': the limit is an upper bound. */
  bound: 'most' | 'least'
  format: (value: number) => string
  estimate: (prediction: Prediction, workload: Workload) => Estimate | undefined
  /** Always shown, or only when a limit is set. */
  always: boolean
}

const HOURS_PER_MONTH = 730
const tokens = (value: number) => `${formatFigure(value)} tokens/s`
const exactly = (value: number | null): Estimate | undefined =>
  value === null ? undefined : { value, low: null, high: null }

const kinds: readonly TargetKind[] = [
  {
    key: 'ttft_ms',
    target: 'ttft_ms',
    label: 'Time to first token, p99',
    bound: 'most',
    format: formatMs,
    estimate: (prediction) => prediction.ttft_ms_p99,
    always: true,
  },
  {
    key: 'tpot_ms',
    label: 'Time per output token, mean',
    bound: 'most',
    format: formatMs,
    estimate: ({ tpot_ms }) => tpot_ms,
    always: true,
  },
  {
    key: 'e2e_ms',
    target: 'e2e_ms',
    label: 'End-to-end latency, p99',
    bound: 'most',
    format: formatMs,
    estimate: (prediction) => prediction.e2e_ms_p99,
    always: true,
  },
  {
    key: 'tokens_per_s_per_user',
    target: 'tokens_per_s_per_user',
    label: 'Tokens/s of one stream',
    bound: 'least',
    format: tokens,
    estimate: ({ tpot_ms }) => ({
      value: 1000 / tpot_ms.value,
      low: tpot_ms.high === null ? null : 1000 / tpot_ms.high,
      high: tpot_ms.low === null ? null : 1000 / tpot_ms.low,
    }),
    always: false,
  },
  {
    key: 'tokens_per_s',
    target: 'tokens_per_s',
    label: ({ request_rate_per_s }) => (request_rate_per_s === undefined ? 'Throughput' : 'Throughput at most'),
    bound: 'least',
    format: tokens,
    // A stated rate asks for so many tokens and no more: there the limit is about what could be served.
    estimate: (prediction, workload) =>
      workload.request_rate_per_s === undefined ? prediction.output_tokens_per_s : prediction.max_output_tokens_per_s,
    always: true,
  },
  {
    key: 'budget_usd_per_hour',
    target: 'budget_usd_per_hour',
    label: 'Cost per hour',
    bound: 'most',
    format: formatUsd,
    estimate: (prediction) => exactly(prediction.cost_usd_per_hour),
    always: true,
  },
  {
    key: 'budget_usd_per_month',
    target: 'budget_usd_per_month',
    label: 'Cost per month',
    bound: 'most',
    format: formatUsd,
    estimate: ({ cost_usd_per_hour }) =>
      exactly(cost_usd_per_hour === null ? null : cost_usd_per_hour * HOURS_PER_MONTH),
    always: false,
  },
  {
    key: 'usd_per_million_tokens',
    label: 'Cost per million output tokens',
    bound: 'most',
    format: formatUsd,
    estimate: (prediction) => exactly(prediction.cost_usd_per_million_output_tokens),
    always: true,
  },
]

/** `held`: the search found every limit held at the certainty asked for; else an interval beyond a limit is a doubt. */
export function compareTargets(
  prediction: Prediction,
  targets: Targets,
  workload: Workload,
  held: boolean,
): TargetRow[] {
  return kinds
    .filter(({ always, target }) => always || (target && targets[target] !== undefined))
    .map((kind) => toRow(kind, { prediction, workload, held, limit: kind.target && targets[kind.target] }))
}

interface RowInput {
  prediction: Prediction
  workload: Workload
  limit: number | undefined
  held: boolean
}

function toRow(kind: TargetKind, { prediction, workload, limit, held }: RowInput): TargetRow {
  const estimate = kind.estimate(prediction, workload)
  return {
    key: kind.key,
    label: typeof kind.label === 'string' ? kind.label : kind.label(workload),
    predicted: estimate ? kind.format(estimate.value) : 'unknown: no price',
    interval: estimate && formatInterval(estimate, kind.format),
    limit: limit === undefined ? undefined : `${kind.bound === 'most' ? '≤' : '≥'} ${kind.format(limit)}`,
    verdict: limit === undefined ? undefined : judge(kind.bound, estimate, limit, held),
    bar: estimate && (limit !== undefined || estimate.high !== null) ? toBar(estimate, limit) : undefined,
  }
}

/** "237 – 467 ms"; undefined where the predictor states none. */
export const formatInterval = ({ low, high }: Estimate, format: (value: number) => string): string | undefined =>
  low === null || high === null ? undefined : `${format(low)} – ${format(high)}`

function judge(
  bound: TargetKind['bound'],
  estimate: Estimate | undefined,
  limit: number,
  held: boolean,
): TargetRow['verdict'] {
  if (!estimate) return { tone: 'warn', word: 'unknown' }
  const share = Math.abs(estimate.value - limit) / limit
  const holds = (value: number) => (bound === 'most' ? value <= limit : value >= limit)
  const margin = `${formatFigure(Math.round(share * 100))} %`
  if (!holds(estimate.value)) return { tone: 'bad', word: `misses by ${margin}` }
  const worst = bound === 'most' ? estimate.high : estimate.low
  if (!held && worst !== null && !holds(worst)) return { tone: 'warn', word: `${margin} spare, not surely` }
  return { tone: 'good', word: `holds, ${margin} spare` }
}

/** The widest of prediction, interval and limit takes 85 % of the bar. */
function toBar(estimate: Estimate, limit: number | undefined): TargetBar {
  const full = Math.max(estimate.value, estimate.high ?? 0, limit ?? 0) / 0.85
  const place = (value: number) => Math.min(100, (100 * value) / full)
  return {
    value: place(estimate.value),
    low: estimate.low === null ? undefined : place(estimate.low),
    high: estimate.high === null ? undefined : place(estimate.high),
    limit: limit === undefined ? undefined : place(limit),
  }
}

interface TargetText {
  key: keyof Targets
  text: (value: string) => string
  format: (value: number) => string
}

const targetTexts: readonly TargetText[] = [
  { key: 'ttft_ms', text: (value) => `TTFT ≤ ${value}`, format: formatMs },
  { key: 'e2e_ms', text: (value) => `end to end ≤ ${value}`, format: formatMs },
  { key: 'tokens_per_s', text: (value) => `≥ ${value}`, format: tokens },
  { key: 'tokens_per_s_per_user', text: (value) => `≥ ${value} per stream`, format: tokens },
  { key: 'budget_usd_per_hour', text: (value) => `≤ ${value} an hour`, format: formatUsd },
  { key: 'budget_usd_per_month', text: (value) => `≤ ${value} a month`, format: formatUsd },
]

/** "TTFT ≤ 500 ms, ≤ $20.00 an hour", or "no limits". */
export function describeTargets(targets: Targets): string {
  const texts = targetTexts.flatMap(({ key, text, format }) => {
    const value = targets[key]
    return value === undefined ? [] : [text(format(value))]
  })
  return texts.length === 0 ? 'no limits' : texts.join(', ')
}

/** "TTFT ≤ 456 ms instead of 100 ms", for each limit that `after` states. */
export const describeLimitChanges = (before: Targets, after: Partial<Targets>): string[] =>
  targetTexts.flatMap(({ key, text, format }) => {
    const [old, value] = [before[key], after[key]]
    if (value === undefined) return []
    return [`${text(format(value))}${old === undefined ? '' : ` instead of ${format(old)}`}`]
  })
