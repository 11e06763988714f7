/** What would make a near miss hold, in words, and as a change of the form where it is one. */
import type { Optimization } from '@bud/contract'
import type { Remedy } from '@bud/kernel'
import { formatFigure, formatInteger, plural } from '../../../prepare/format.ts'
import type { OptimiseForm } from './request.ts'
import type { OptimiseSearch } from './search.ts'
import { describeLimitChanges } from './targets.ts'

export interface RemedyView {
  /** "TTFT ≤ 458 ms instead of 100 ms" */
  changes: string[]
  /** Its place in the answer, when the form can be changed so; GPUs cannot be had by a form. */
  address: { miss: number; remedy: number } | undefined
}

/** Older searches say it in a sentence alone. */
export function toRemedyViews(result: Optimization, miss: number): RemedyView[] {
  return (result.remedies?.[miss] ?? []).map((remedy, index) => ({
    changes: describeChanges(remedy, result),
    address: remedy.gpus ? undefined : { miss, remedy: index },
  }))
}

/** What the address takes over from an earlier search; undefined where it names none. */
export function remedyAt(result: Optimization | undefined, { miss, remedy }: OptimiseSearch): Remedy | undefined {
  return miss === undefined || remedy === undefined ? undefined : result?.remedies?.[miss]?.[remedy]
}

export function describeChanges(
  { targets, workload, gpus }: Remedy,
  asked: Pick<Optimization, 'targets' | 'workload'>,
) {
  return [
    ...gpuChanges(gpus),
    ...loadChanges(workload, asked.workload),
    ...describeLimitChanges(asked.targets, targets ?? {}),
  ]
}

function gpuChanges(gpus: Remedy['gpus']): string[] {
  if (!gpus) return []
  const together = gpus.together > 1 ? `, ${formatInteger(gpus.together)} together on a node` : ''
  return [`${formatInteger(gpus.more)} more ${gpus.gpu_type} free${together}`]
}

function loadChanges(workload: Remedy['workload'], asked: Optimization['workload']): string[] {
  const changes: string[] = []
  if (workload?.concurrency !== undefined)
    changes.push(`${plural(workload.concurrency, 'request')} in flight${insteadOf(asked.concurrency, formatInteger)}`)
  if (workload?.request_rate_per_s !== undefined)
    changes.push(
      `${formatFigure(workload.request_rate_per_s)} requests/s${insteadOf(asked.request_rate_per_s, formatFigure)}`,
    )
  return changes
}

const insteadOf = (before: number | undefined, format: (value: number) => string): string =>
  before === undefined ? '' : ` instead of ${format(before)}`

export const withRemedy = (form: OptimiseForm, { targets, workload }: Remedy): OptimiseForm => ({
  ...form,
  targets: { ...form.targets, ...targets },
  ...(workload?.concurrency === undefined ? {} : { load: 'concurrency' as const, concurrency: workload.concurrency }),
  ...(workload?.request_rate_per_s === undefined
    ? {}
    : { load: 'rate' as const, ratePerS: workload.request_rate_per_s }),
})
