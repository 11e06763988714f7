/** What is wrong with the form, each problem at its field: the form's own checks and the API's answers alike. */
import type { Reason } from '@bud/kernel'
import { type Problem, toProblem } from '../../../prepare/problem.ts'
import type { OptimiseForm } from './request.ts'

/** Fields of the form by their path in the request. */
const fieldOfPath = {
  model: 'model',
  cluster: 'cluster',
  'workload.input_tokens': 'inputTokens',
  'workload.output_tokens': 'outputTokens',
  'workload.input_tokens_cv': 'inputSpread',
  'workload.output_tokens_cv': 'outputSpread',
  'workload.concurrency': 'load',
  'workload.request_rate_per_s': 'load',
  'workload.arrival_cv': 'burstiness',
  'workload.prefix_cache_share': 'cached',
  'targets.ttft_ms': 'ttft_ms',
  'targets.e2e_ms': 'e2e_ms',
  'targets.tokens_per_s': 'tokens_per_s',
  'targets.tokens_per_s_per_user': 'tokens_per_s_per_user',
  'targets.budget_usd_per_hour': 'budget_usd_per_hour',
  'targets.budget_usd_per_month': 'budget_usd_per_month',
  confidence: 'confidence',
  runtimes: 'runtimes',
  memory_headroom: 'headroom',
} as const

export type FormField = (typeof fieldOfPath)[keyof typeof fieldOfPath]
export type FormProblems = Partial<Record<FormField, string>>

export function problemsOf(form: OptimiseForm): FormProblems {
  const problems: FormProblems = {}
  if (!form.model) problems.model = 'choose a model'
  if (!form.cluster) problems.cluster = 'choose a cluster'
  if (!form.inputTokens) problems.inputTokens = 'at least 1'
  if (!form.outputTokens) problems.outputTokens = 'at least 1'
  if (form.load === 'concurrency' ? !form.concurrency : !form.ratePerS) problems.load = 'say how much will be asked'
  if (form.runtimes.length === 0) problems.runtimes = 'choose at least one engine'
  return problems
}

export interface AnsweredProblems {
  fields: FormProblems
  /** What no field of the form is to blame for; undefined when nothing is left. */
  rest: Problem | undefined
}

/** An answer of the API, each reason at the field that its path names. */
export function toAnsweredProblems(error: unknown): AnsweredProblems {
  if (!error) return { fields: {}, rest: undefined }
  const problem = toProblem(error)
  const fields: FormProblems = {}
  const others: Reason[] = []
  for (const reason of problem.reasons) {
    const field = fieldOf(reason.path)
    if (!field) others.push(reason)
    else fields[field] = [fields[field], atField(reason)].filter(Boolean).join(' ')
  }
  const placed = Object.keys(fields).length > 0
  if (!placed) return { fields, rest: problem }
  return { fields, rest: others.length > 0 ? { ...problem, message: '', reasons: others } : undefined }
}

const fieldOf = (path: string | undefined): FormField | undefined =>
  Object.entries(fieldOfPath).find(([start]) => path === start || path?.startsWith(`${start}.`))?.[1]

/** The API's field names as the form calls them. */
const fieldNames: readonly (readonly [RegExp, string])[] = [
  [/\bttft_ms\b/g, 'time to first token'],
  [/\be2e_ms\b/g, 'end-to-end latency'],
  [/\btokens_per_s_per_user\b/g, 'tokens per second of a stream'],
  [/\btokens_per_s\b/g, 'tokens per second'],
  [/\brequest_rate_per_s\b/g, 'requests per second'],
  [/\bconcurrency\b/g, 'requests in flight'],
]

/** Where the field stands is seen; what to do about it is not. */
function atField({ message, path, next_step }: Reason): string {
  const said = path && message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message
  return fieldNames.reduce(
    (text, [name, word]) => text.replace(name, word),
    [said, next_step].filter(Boolean).join(' '),
  )
}
