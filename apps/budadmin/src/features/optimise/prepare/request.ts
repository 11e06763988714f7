/** The wizard's form as the search that is asked for. */
import type { CreateOptimization, Optimization } from '@bud/contract'
import { DEFAULT_CONFIDENCE, type EngineName, type Objective, type Targets, type Workload } from '@bud/kernel'
import type { z } from 'zod'
import type { OptimiseSearch } from './search.ts'

export interface OptimiseForm {
  model: string | undefined
  cluster: string | undefined
  inputTokens: number | undefined
  outputTokens: number | undefined
  /** Standard deviation in percent of the mean; undefined: not stated. */
  inputSpreadPercent: number | undefined
  outputSpreadPercent: number | undefined
  load: 'concurrency' | 'rate'
  concurrency: number | undefined
  ratePerS: number | undefined
  /** Of the times between arrivals: 1 is a Poisson stream; undefined: not stated. */
  burstiness: number | undefined
  /** 0–99 */
  cachedPercent: number | undefined
  structured: boolean
  targets: Targets
  /** 0.5–0.95: how sure each limit must be held. */
  confidence: number
  objective: Objective
  runtimes: EngineName[]
  allowFp8: boolean
  /** Share of GPU memory kept free. */
  headroomPercent: number | undefined
}

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

const DEFAULT_HEADROOM_PERCENT = 10

/** What a form may start from: an endpoint that is re-optimised, or a search that is asked again with changes. */
export interface FormOrigin
  extends Partial<
    Pick<CreateOptimizationInput, 'objective' | 'confidence' | 'runtimes' | 'allow_quantization' | 'memory_headroom'>
  > {
  model: { id: string }
  cluster: { id: string }
  workload: Workload | null
  targets: Targets
}

type CreateOptimizationInput = z.input<typeof CreateOptimization>

/** The guide's default alert thresholds as first limits, where there is nothing to start from. */
export function initialForm(
  search: OptimiseSearch,
  origin: FormOrigin | undefined,
  onlyCluster?: string,
): OptimiseForm {
  return {
    model: origin?.model.id ?? search.model,
    cluster: origin?.cluster.id ?? search.cluster ?? onlyCluster,
    ...fromWorkload(origin?.workload ?? undefined),
    targets: origin?.targets ?? { ttft_ms: 500 },
    confidence: origin?.confidence ?? DEFAULT_CONFIDENCE,
    objective: origin?.objective ?? 'cost',
    runtimes: origin?.runtimes ?? engines.map((engine) => engine.value),
    allowFp8: origin?.allow_quantization ?? false,
    headroomPercent:
      origin?.memory_headroom === undefined ? DEFAULT_HEADROOM_PERCENT : toPercent(origin.memory_headroom),
  }
}

type LoadFields = Pick<OptimiseForm, 'load' | 'concurrency' | 'ratePerS' | 'burstiness'>
export type ShapeFields = Pick<
  OptimiseForm,
  'inputTokens' | 'outputTokens' | 'inputSpreadPercent' | 'outputSpreadPercent' | 'cachedPercent' | 'structured'
>

const fromWorkload = (workload: Workload | undefined): LoadFields & ShapeFields => ({
  ...toShapeFields(workload ?? { input_tokens: 1024, output_tokens: 256, prefix_cache_share: 0 }),
  load: workload?.request_rate_per_s === undefined ? 'concurrency' : 'rate',
  concurrency: workload?.concurrency ?? 16,
  ratePerS: workload?.request_rate_per_s ?? 2,
  burstiness: workload?.arrival_cv,
})

/** What requests look like, whatever their number: the part of a workload that presets fill in. */
export const toShapeFields = (workload: Workload): ShapeFields => ({
  inputTokens: workload.input_tokens,
  outputTokens: workload.output_tokens,
  inputSpreadPercent: toPercent(workload.input_tokens_cv),
  outputSpreadPercent: toPercent(workload.output_tokens_cv),
  cachedPercent: toPercent(workload.prefix_cache_share),
  structured: workload.structured_output ?? false,
})

function toPercent<T extends number | undefined>(share: T): T
function toPercent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : Math.round(share * 100)
}

function toWorkload(form: OptimiseForm): Workload {
  return {
    input_tokens: form.inputTokens ?? 1024,
    output_tokens: form.outputTokens ?? 256,
    prefix_cache_share: (form.cachedPercent ?? 0) / 100,
    ...(form.inputSpreadPercent === undefined ? {} : { input_tokens_cv: form.inputSpreadPercent / 100 }),
    ...(form.outputSpreadPercent === undefined ? {} : { output_tokens_cv: form.outputSpreadPercent / 100 }),
    ...(form.structured ? { structured_output: true } : {}),
    ...(form.load === 'concurrency'
      ? { concurrency: form.concurrency ?? 1 }
      : {
          request_rate_per_s: form.ratePerS ?? 1,
          ...(form.burstiness === undefined ? {} : { arrival_cv: form.burstiness }),
        }),
  }
}

/** What is sent for a form without problems; what stands at its default is left to the API. */
export function toOptimization(form: OptimiseForm, endpoint: string | undefined): CreateOptimizationInput {
  const headroom = form.headroomPercent ?? DEFAULT_HEADROOM_PERCENT
  return {
    model: form.model ?? '',
    cluster: form.cluster ?? '',
    workload: toWorkload(form),
    targets: dropEmpty(form.targets),
    objective: form.objective,
    ...(form.runtimes.length === engines.length ? {} : { runtimes: form.runtimes }),
    ...(form.confidence === DEFAULT_CONFIDENCE ? {} : { confidence: form.confidence }),
    ...(form.allowFp8 ? { allow_quantization: true } : {}),
    ...(headroom === DEFAULT_HEADROOM_PERCENT ? {} : { memory_headroom: headroom / 100 }),
    ...(endpoint ? { endpoint } : {}),
  }
}

const dropEmpty = (targets: Targets): Targets =>
  Object.fromEntries(Object.entries(targets).filter(([, value]) => typeof value === 'number' && value > 0))

/** The question of a search asked again for another model, the search's own options included. */
export const askAgainFor = (model: string, result: Optimization): CreateOptimizationInput =>
  toOptimization({ ...initialForm({}, result), model }, undefined)
