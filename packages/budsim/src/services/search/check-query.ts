/** Questions that cannot be meant: values out of range, and limits that contradict each other. All named at once. */
import { Confidence, invalidInput, type Reason, Targets, Workload } from '@bud/kernel'
import { HOURS_PER_MONTH } from '../../domain/price-book.ts'
import { milliseconds, rate, tokensPerS, usdPerHour, usdPerMonth } from './formats.ts'
import type { SearchQuery } from './search-types.ts'

/** Throughput above what arrives by less than this is rounding. */
const ROUNDING = 1.01
const HEADROOM = { least: 0.02, most: 0.5 }

/** Throws invalid-input with every reason. */
export function checkQuery(query: SearchQuery): void {
  const reasons = [...rangeReasons(query), ...nodeReasons(query)]
  if (reasons.length === 0) reasons.push(...contradictions(query))
  if (reasons.length > 0) throw invalidInput(reasons.map(({ message }) => message).join(' '), reasons)
}

function rangeReasons({ workload, targets, confidence, memory_headroom: headroom }: SearchQuery): Reason[] {
  const issues = [
    ...issuesOf('workload', Workload.safeParse(workload)),
    ...issuesOf('targets', Targets.safeParse(targets)),
    ...issuesOf('confidence', Confidence.optional().safeParse(confidence)),
  ]
  if (headroom !== undefined && !(headroom >= HEADROOM.least && headroom <= HEADROOM.most)) {
    issues.push({ path: 'memory_headroom', message: `must be from ${HEADROOM.least} to ${HEADROOM.most}` })
  }
  return issues.map(({ path, message }) => ({ code: 'out-of-range', message: `${path}: ${message}.`, path }))
}

interface Checked {
  success: boolean
  error?: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } | undefined
}

const issuesOf = (name: string, { error }: Checked): { path: string; message: string }[] =>
  (error?.issues ?? []).map(({ path, message }) => ({ path: [name, ...path.map(String)].join('.'), message }))

function nodeReasons({ nodes }: SearchQuery): Reason[] {
  return nodes
    .filter(({ free }) => !Number.isInteger(free) || free < 0)
    .map(({ name, free }) => ({
      code: 'out-of-range',
      message: `Node ${name} cannot have ${free} free GPUs.`,
      path: 'nodes',
    }))
}

/** Limits that can hold but never both bind, as nobody means them who states both. */
export function remarksOn({ workload, targets }: Pick<SearchQuery, 'workload' | 'targets'>): Reason[] {
  const { e2e_ms: e2e, tokens_per_s_per_user: stream } = targets
  const decodeTokens = workload.output_tokens - 1
  if (e2e === undefined || stream === undefined || e2e >= (decodeTokens * 1000) / stream) return []
  return [
    {
      code: 'limit-never-binds',
      message: `At ${tokensPerS(stream)} per stream an answer of ${workload.output_tokens} tokens takes ${milliseconds((decodeTokens * 1000) / stream)}: the end-to-end limit of ${milliseconds(e2e)} asks for ${tokensPerS((decodeTokens * 1000) / e2e)} and is the one that counts.`,
      path: 'targets.tokens_per_s_per_user',
      next_step: 'Leave one of them out, or raise e2e_ms.',
    },
  ]
}

/** These cannot all be meant. */
function contradictions({ workload, targets }: SearchQuery): Reason[] {
  const reasons: Reason[] = []
  const contradict = (message: string, path: string, next_step: string) =>
    reasons.push({ code: 'contradictory-limits', message, path: `targets.${path}`, next_step })
  const { ttft_ms: ttft, e2e_ms: e2e, tokens_per_s: wanted } = targets
  if (ttft !== undefined && e2e !== undefined && e2e < ttft) {
    contradict(
      `The whole answer cannot be limited to ${milliseconds(e2e)} when its first token alone may take ${milliseconds(ttft)}.`,
      'e2e_ms',
      'Raise e2e_ms, or lower ttft_ms below it.',
    )
  }
  const arriving = (workload.request_rate_per_s ?? Number.NaN) * workload.output_tokens
  if (wanted !== undefined && wanted > arriving * ROUNDING) {
    contradict(
      `${tokensPerS(wanted)} can never flow: ${rate(workload.request_rate_per_s ?? 0)} requests/s of ${workload.output_tokens} tokens ask for ${tokensPerS(arriving)}.`,
      'tokens_per_s',
      'Lower tokens_per_s, raise request_rate_per_s to the load to be ready for, or state neither rate nor concurrency.',
    )
  }
  const { budget_usd_per_hour: hourly, budget_usd_per_month: monthly } = targets
  if (hourly !== undefined && monthly !== undefined && monthly < hourly) {
    contradict(
      `A month cannot be limited to ${usdPerMonth(monthly)} (${usdPerHour(monthly / HOURS_PER_MONTH)}) when one hour may cost ${usdPerHour(hourly)}.`,
      'budget_usd_per_month',
      'State one of the two; a month counts 730 hours.',
    )
  }
  return reasons
}
