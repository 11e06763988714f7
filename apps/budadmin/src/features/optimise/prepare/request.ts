/** The wizard's form as the search that is asked for. */
import type { Endpoint, WorkloadPreset } from '@bud/contract'
import type { EngineName, Objective, Targets, Workload } from '@bud/kernel'
import type { OptimiseSearch } from './search.ts'

export interface OptimiseForm {
  model: string | undefined
  cluster: string | undefined
  inputTokens: number | undefined
  outputTokens: number | undefined
  load: 'concurrency' | 'rate'
  concurrency: number | undefined
  ratePerS: number | undefined
  /** 0–99 */
  cachedPercent: number | undefined
  /** What a usual load says beside the fields: how lengths and arrivals spread, whether answers are structured. */
  traffic: Traffic
  targets: Targets
  budgetPer: 'hour' | 'month'
  objective: Objective
  runtimes: EngineName[]
}

export type Traffic = Pick<Workload, 'input_tokens_cv' | 'output_tokens_cv' | 'arrival_cv' | 'structured_output'>

/** The fields as a usual load has them; how much is asked stays. */
export const fromPreset = ({ workload }: WorkloadPreset): Partial<OptimiseForm> => ({
  inputTokens: workload.input_tokens,
  outputTokens: workload.output_tokens,
  cachedPercent: Math.round(workload.prefix_cache_share * 100),
  traffic: trafficOf(workload),
})

const trafficOf = (workload: Workload | undefined | null): Traffic => ({
  input_tokens_cv: workload?.input_tokens_cv,
  output_tokens_cv: workload?.output_tokens_cv,
  arrival_cv: workload?.arrival_cv,
  structured_output: workload?.structured_output,
})

export const engines: readonly { value: EngineName; label: string; bestFor: string }[] = [
  { value: 'vllm', label: 'vLLM', bestFor: 'high throughput, general workloads' },
  { value: 'sglang', label: 'SGLang', bestFor: 'structured generation, complex prompts' },
  { value: 'tensorrt-llm', label: 'TensorRT-LLM', bestFor: 'the most out of NVIDIA GPUs' },
]

export const objectives: readonly { value: Objective; label: string; first: string }[] = [
  { value: 'cost', label: 'Cost', first: 'lowest cost first' },
  { value: 'latency', label: 'Latency', first: 'lowest latency first' },
  { value: 'throughput', label: 'Throughput', first: 'highest throughput first' },
]

/** The guide's default alert thresholds as first limits; a re-optimisation starts from what the endpoint was given. */
export function initialForm(
  search: OptimiseSearch,
  endpoint: Endpoint | undefined,
  onlyCluster?: string,
): OptimiseForm {
  const workload = endpoint?.workload
  return {
    model: endpoint?.model.id ?? search.model,
    cluster: endpoint?.cluster.id ?? search.cluster ?? onlyCluster,
    inputTokens: workload?.input_tokens ?? 1024,
    outputTokens: workload?.output_tokens ?? 256,
    load: workload?.request_rate_per_s === undefined ? 'concurrency' : 'rate',
    concurrency: workload?.concurrency ?? 16,
    ratePerS: workload?.request_rate_per_s ?? 2,
    cachedPercent: Math.round((workload?.prefix_cache_share ?? 0) * 100),
    traffic: trafficOf(workload),
    targets: endpoint?.targets ?? { ttft_ms: 500 },
    budgetPer: endpoint?.targets.budget_usd_per_month === undefined ? 'hour' : 'month',
    objective: 'cost',
    runtimes: engines.map((engine) => engine.value),
  }
}

export type FormProblems = Partial<
  Record<'model' | 'cluster' | 'inputTokens' | 'outputTokens' | 'load' | 'runtimes', string>
>

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

function toWorkload(form: OptimiseForm): Workload {
  return {
    input_tokens: form.inputTokens ?? 1024,
    output_tokens: form.outputTokens ?? 256,
    prefix_cache_share: (form.cachedPercent ?? 0) / 100,
    ...form.traffic,
    ...(form.load === 'concurrency'
      ? { concurrency: form.concurrency ?? 1 }
      : { request_rate_per_s: form.ratePerS ?? 1 }),
  }
}

/** What is sent for a form without problems. */
export function toOptimization(form: OptimiseForm, endpoint: string | undefined) {
  return {
    model: form.model ?? '',
    cluster: form.cluster ?? '',
    workload: toWorkload(form),
    targets: dropEmpty(form.targets),
    objective: form.objective,
    ...(form.runtimes.length === engines.length ? {} : { runtimes: form.runtimes }),
    ...(endpoint ? { endpoint } : {}),
  }
}

const dropEmpty = (targets: Targets): Targets =>
  Object.fromEntries(Object.entries(targets).filter(([, value]) => typeof value === 'number' && value > 0))
