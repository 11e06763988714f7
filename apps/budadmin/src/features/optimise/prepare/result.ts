/** A search's result as the page shows it: which list counts, what is chosen, and in which words. */
import type { Optimization } from '@bud/contract'
import type { Candidate, Deployment, Workload } from '@bud/kernel'
import { formatFigure, formatInteger, formatMs, formatShare, formatUsd, plural } from '../../../prepare/format.ts'
import { certaintyLabel } from './certainty.ts'
import { engines, objectives } from './request.ts'
import { describeTargets } from './targets.ts'

export const engineLabel = (deployment: Deployment): string =>
  engines.find((engine) => engine.value === deployment.runtime)?.label ?? deployment.runtime

/** "2 × 4 H100-SXM-80GB". */
export const hardwareText = ({ replicas, resources }: Deployment): string =>
  `${replicas} × ${resources.gpu_count} ${resources.gpu_type}`

/** "TP 2 · PP 1", and what else tells layouts of one size apart. */
export const parallelText = ({ config }: Deployment): string =>
  [
    `TP ${config.tensor_parallel_size} · PP ${config.pipeline_parallel_size}`,
    config.data_parallel_size ? `DP ${config.data_parallel_size}` : '',
    config.expert_parallel ? 'EP' : '',
    config.quantization === 'fp8' ? 'FP8 on load' : '',
    config.kv_cache_dtype === 'fp8' ? 'FP8 cache' : '',
  ]
    .filter((part) => part !== '')
    .join(' · ')

interface FactRow {
  label: string
  value: string
  wide?: boolean
}

export function toConfigurationFacts({ deployment, prediction }: Candidate): FactRow[] {
  const { config, replicas, resources } = deployment
  const perReplica = (value: string) => `${value} per replica`
  return [
    { label: 'Engine', value: engineLabel(deployment) },
    { label: 'GPUs', value: `${formatInteger(prediction.gpus)} × ${resources.gpu_type}` },
    { label: 'Replicas', value: formatInteger(replicas) },
    { label: 'Tensor parallel (TP)', value: formatInteger(config.tensor_parallel_size) },
    { label: 'Pipeline parallel (PP)', value: formatInteger(config.pipeline_parallel_size) },
    ...expertFacts(config),
    { label: 'Number format', value: formatText(config) },
    { label: 'Max sequences', value: perReplica(formatInteger(config.max_num_seqs)) },
    ...(config.max_num_batched_tokens === undefined
      ? []
      : [{ label: 'Tokens per step', value: formatInteger(config.max_num_batched_tokens) }]),
    { label: 'Batch at this load', value: perReplica(formatFigure(prediction.batch_per_replica)) },
  ]
}

function expertFacts({ data_parallel_size, expert_parallel }: Deployment['config']): FactRow[] {
  return [
    ...(data_parallel_size ? [{ label: 'Data parallel (DP)', value: formatInteger(data_parallel_size) }] : []),
    ...(expert_parallel ? [{ label: 'Experts', value: 'spread over the GPUs' }] : []),
  ]
}

function formatText({ quantization, kv_cache_dtype }: Deployment['config']): string {
  const weights = quantization === 'fp8' ? 'FP8 on load' : 'as published'
  return kv_cache_dtype === 'fp8' ? `${weights}, FP8 cache` : weights
}

/** "1 × 2 H100-SXM-80GB with vLLM, TP 2 · PP 1". */
export const describeConfiguration = (deployment: Deployment): string =>
  `${hardwareText(deployment)} with ${engineLabel(deployment)}, ${parallelText(deployment)}`

/** An unknown price is said, never shown as nothing. */
export const costText = (cost: number | null): string =>
  cost === null ? 'no price known' : `${formatUsd(cost)} an hour`

/** "1,024 ± 100 % tokens in, 256 out, 16 requests in flight, 30 % of prompts cached". */
export function describeWorkload(workload: Workload): string {
  const length = (tokens: number, spread: number | undefined) =>
    `${formatInteger(tokens)}${spread ? ` ± ${formatShare(spread)}` : ''}`
  return [
    `${length(workload.input_tokens, workload.input_tokens_cv)} tokens in`,
    `${length(workload.output_tokens, workload.output_tokens_cv)} out`,
    loadText(workload),
    workload.prefix_cache_share > 0 ? `${formatShare(workload.prefix_cache_share)} of prompts cached` : '',
    workload.structured_output ? 'structured output' : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function loadText({ request_rate_per_s, concurrency, arrival_cv }: Workload): string {
  if (request_rate_per_s === undefined) return `${plural(concurrency ?? 1, 'request')} in flight`
  const bursts = arrival_cv !== undefined && arrival_cv > 1 ? ' in bursts' : ''
  return `${formatFigure(request_rate_per_s)} requests/s${bursts}`
}

/** What was asked, and how the answer was found. */
export function toAnswerFacts(result: Optimization): FactRow[] {
  const objective = objectives.find((one) => one.value === result.objective)?.first ?? result.objective
  return [
    { label: 'Limits', value: describeTargets(result.targets), wide: true },
    { label: 'Workload', value: describeWorkload(result.workload), wide: true },
    ...(result.confidence === undefined ? [] : [{ label: 'Certainty', value: certaintyLabel(result.confidence) }]),
    { label: 'Order', value: objective },
    {
      label: 'Accounted for',
      value: `${plural(result.searched, 'configuration')} in ${formatMs(result.elapsed_ms)}`,
      wide: true,
    },
    { label: 'Proof', value: result.method, wide: true },
  ]
}

const NAME_LENGTH = 40

/** A free name for the endpoint, made from the model's. */
export function suggestName(modelName: string, taken: readonly string[] = []): string {
  const base = (modelName.split('/').at(-1) ?? modelName)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
  const numbered = (number: number): string => {
    const suffix = number === 1 ? '' : `-${number}`
    return `${base.slice(0, NAME_LENGTH - suffix.length).replace(/-+$/, '')}${suffix}`
  }
  for (let number = 1; ; number += 1) if (!taken.includes(numbered(number))) return numbered(number)
}
