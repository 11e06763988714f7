/** A remedy as a phrase after "It would hold with". */
import type { Remedy, Targets } from '@bud/kernel'
import { milliseconds, rate, tokensPerS, usdPerHour, usdPerMonth } from './formats.ts'
import { gpusOfLayout } from './list-shapes.ts'
import type { MissedBy } from './search-types.ts'

const NAMES: Record<keyof Targets, { name: string; format: (value: number) => string }> = {
  ttft_ms: { name: 'a first token within', format: milliseconds },
  e2e_ms: { name: 'an answer within', format: milliseconds },
  tokens_per_s: { name: 'a throughput of', format: tokensPerS },
  tokens_per_s_per_user: { name: 'a stream of', format: tokensPerS },
  budget_usd_per_hour: { name: 'a budget of', format: usdPerHour },
  budget_usd_per_month: { name: 'a budget of', format: usdPerMonth },
}

export function describeRemedy({ targets = {}, workload, gpus }: Remedy, stated: Targets, miss: MissedBy): string {
  const parts: string[] = []
  if (gpus) {
    const replicas = miss.shape.maxReplicas + gpus.more / gpusOfLayout(miss.shape)
    const where = gpus.together > 1 ? `, ${gpus.together} together` : ''
    parts.push(
      `${gpus.more} more ${gpus.gpu_type}${where} (${replicas} ${replicas === 1 ? 'replica' : 'replicas'} in all)`,
    )
  }
  if (workload?.concurrency !== undefined) parts.push(`${workload.concurrency} requests in flight`)
  if (workload?.request_rate_per_s !== undefined) parts.push(`${rate(workload.request_rate_per_s)} requests/s`)
  for (const key of Object.keys(NAMES) as (keyof Targets)[]) {
    const value = targets[key]
    if (value === undefined) continue
    const { name, format } = NAMES[key]
    const before = stated[key]
    parts.push(`${name} ${format(value)}${before === undefined ? '' : ` instead of ${format(before)}`}`)
  }
  return parts.join(' and ')
}
