/** A search's result as the page shows it: which list counts, what is chosen, and in which words. */
import type { Optimization } from '@bud/contract'
import type { Candidate, Deployment, Workload } from '@bud/kernel'
import { formatFigure, formatInteger, formatUsd, plural } from '../../../prepare/format.ts'
import { engines, objectives } from './request.ts'

/** When nothing holds the limits, the nearest misses are what there is to look at. */
export const shownCandidates = (result: Optimization): readonly Candidate[] =>
  result.feasible ? result.candidates : result.nearest_misses

export const engineLabel = (deployment: Deployment): string =>
  engines.find((engine) => engine.value === deployment.runtime)?.label ?? deployment.runtime

/** "2 × 4 H100-SXM-80GB". */
export const hardwareText = ({ replicas, resources }: Deployment): string =>
  `${replicas} × ${resources.gpu_count} ${resources.gpu_type}`

export const parallelText = ({ config }: Deployment): string =>
  `TP ${config.tensor_parallel_size} · PP ${config.pipeline_parallel_size}`

interface FactRow {
  label: string
  value: string
}

export function toConfigurationFacts({ deployment, prediction }: Candidate): FactRow[] {
  const { config, replicas, resources } = deployment
  return [
    { label: 'Engine', value: engineLabel(deployment) },
    { label: 'Tensor parallel (TP)', value: formatInteger(config.tensor_parallel_size) },
    { label: 'Pipeline parallel (PP)', value: formatInteger(config.pipeline_parallel_size) },
    { label: 'Batch at this load', value: `${formatFigure(prediction.batch_per_replica)} per replica` },
    { label: 'Max sequences', value: `${formatInteger(config.max_num_seqs)} per replica` },
    { label: 'Replicas', value: formatInteger(replicas) },
    { label: 'GPUs', value: `${formatInteger(prediction.gpus)} × ${resources.gpu_type}` },
    {
      label: 'Cost',
      value:
        prediction.cost_usd_per_hour === null ? 'no price known' : `${formatUsd(prediction.cost_usd_per_hour)} an hour`,
    },
  ]
}

export function describeWorkload(workload: Workload): string {
  const load =
    workload.request_rate_per_s === undefined
      ? `${plural(workload.concurrency ?? 1, 'request')} in flight`
      : `${formatFigure(workload.request_rate_per_s)} requests/s`
  const cached =
    workload.prefix_cache_share > 0 ? `, ${formatFigure(workload.prefix_cache_share * 100)} % of prompts cached` : ''
  return `${formatInteger(workload.input_tokens)} tokens in, ${formatInteger(workload.output_tokens)} out, ${load}${cached}`
}

/** "Searched 1,204 configurations in 310 ms (exhaustive), lowest cost first." */
export function describeSearch(result: Optimization): string {
  const objective = objectives.find((one) => one.value === result.objective)?.first ?? result.objective
  return `Searched ${plural(result.searched, 'configuration')} in ${formatFigure(result.elapsed_ms)} ms (${result.method}), ${objective}.`
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
