/** A predicted deployment, as people read it: figures with their 80 % intervals, memory as a bar. */
import type { Candidate, Deployment, Estimate, Prediction } from '@bud/kernel'
import { type Cell, fields, ms, rate, table, trim, usd } from '../output.ts'
import { memoryBar } from './memory-bar.ts'

export function describeCandidate({ deployment, prediction, why }: Candidate): string {
  const { resources, replicas, runtime, config } = deployment
  return [
    why,
    fields([
      ['runtime', `${runtime}, ${replicas} replica(s) of ${resources.gpu_count} × ${resources.gpu_type}`],
      ['parallel', layoutOf(deployment)],
      [
        'batch',
        `${trim(prediction.batch_per_replica)} sequences at this load, at most ${config.max_num_seqs} (max_num_seqs)`,
      ],
    ]),
    describePrediction(prediction),
  ].join('\n')
}

export function describePrediction(p: Prediction): string {
  return [
    fields([
      ['TTFT', `${withInterval(p.ttft_ms, ms)} mean, ${ms(p.ttft_ms_p99.value)} p99 (predicted)`],
      ['end to end', `${withInterval(p.e2e_ms, ms)} mean, ${ms(p.e2e_ms_p99.value)} p99 (predicted)`],
      ['TPOT', `${withInterval(p.tpot_ms, ms)} (predicted)`],
      [
        'throughput',
        `${withInterval(p.output_tokens_per_s, rate)}, at most ${rate(p.max_output_tokens_per_s.value)} (predicted)`,
      ],
      ['cost', `${usd(p.cost_usd_per_hour)} per hour for ${p.gpus} GPU(s)${costPerMillion(p)}`],
      ...evidenceOf(p),
    ]),
    memoryBar(p.memory),
  ].join('\n')
}

const withInterval = ({ value, low, high }: Estimate, format: (value: number) => string): string =>
  low === null || high === null ? format(value) : `${format(value)} (80 %: ${trim(low)}–${format(high)})`

const costPerMillion = ({ cost_usd_per_million_output_tokens: cost }: Prediction): string =>
  cost === null ? '' : `, ${usd(cost)} per million output tokens`

const NOVELTY = {
  measured: 'rows of this model and GPU were measured',
  'new-engine': 'model and GPU were measured, but not together with this engine under such loads',
  'new-model': 'this GPU was measured, with other models',
  'new-gpu': 'this model was measured, on other GPUs',
  'new-model-and-gpu': 'neither this model nor this GPU was measured: from physics and its likes',
} as const

function evidenceOf({ evidence }: Prediction): Array<[string, Cell]> {
  if (!evidence) return []
  const refined = evidence.observations > 0 ? `, refined by ${evidence.observations} observation(s)` : ''
  return [['evidence', `${NOVELTY[evidence.novelty]}${refined}`]]
}

export function layoutOf({ config }: Deployment): string {
  const ranks = config.data_parallel_size ?? 1
  const formats = [
    config.quantization && `${config.quantization} weights`,
    config.kv_cache_dtype === 'auto' ? undefined : `${config.kv_cache_dtype} cache`,
  ].filter((text) => text !== undefined)
  return [
    `TP ${config.tensor_parallel_size}, PP ${config.pipeline_parallel_size}`,
    ...(ranks > 1 ? [`DP ${ranks}`] : []),
    ...(config.expert_parallel ? ['experts spread'] : []),
    ...formats,
  ].join(', ')
}

const MOST_ROWS = 8

export function candidateTable(candidates: readonly Candidate[], most = MOST_ROWS): string {
  const rows = candidates
    .slice(0, most)
    .map(({ deployment: d, prediction: p }, index) => [
      index,
      d.runtime,
      d.resources.gpu_type,
      layoutOf(d),
      d.replicas,
      d.config.max_num_seqs,
      ms(p.ttft_ms_p99.value),
      ms(p.tpot_ms.value),
      ms(p.e2e_ms_p99.value),
      trim(p.output_tokens_per_s.value),
      p.cost_usd_per_hour === null ? '–' : usd(p.cost_usd_per_hour),
    ])
  const columns = [
    '#',
    'RUNTIME',
    'GPU',
    'LAYOUT',
    'REPLICAS',
    'MAX SEQS',
    'TTFT P99',
    'TPOT',
    'E2E P99',
    'TOK/S',
    '$/H',
  ]
  return table(columns, rows)
}
