/** Metrics pages as engines and nodes write them, from figures a test sets: right names, labels, bounds, ranks. */
import { engineFacts, engineMetricFamilies, type MetricSeries } from '@bud/engines'
import type { EngineName } from '@bud/kernel'

export interface EngineFigures {
  running?: number
  waiting?: number
  kv_usage?: number
  prompt_tokens?: number
  generation_tokens?: number
  /** Every observation since the engine's start, in seconds. */
  ttft?: readonly number[]
  e2e?: readonly number[]
  tpot?: readonly number[]
}

/** What the engine would answer; SGLang's schedulers say their figures at two ranks, as with tensor parallelism. */
export function enginePage(engine: EngineName, figures: EngineFigures): string {
  const { metrics } = engineFacts(engine)
  const lines: string[] = []
  const plain = (series: MetricSeries, value = 0) => {
    lines.push(`# HELP ${series.name} As the engine explains it.`, `# TYPE ${series.name} ${series.type}`)
    for (const labels of labelSets(series)) lines.push(`${series.name}{${labels}} ${value}`)
  }
  const histogram = (series: MetricSeries, values: readonly number[] = []) => {
    const [labels] = labelSets(series)
    const bounds = engineMetricFamilies(engine, 8192).find(({ name }) => name === series.name)?.buckets ?? []
    lines.push(`# TYPE ${series.name} histogram`)
    for (const bound of bounds)
      lines.push(`${series.name}_bucket{${labels},le="${bound}"} ${values.filter((value) => value <= bound).length}`)
    lines.push(`${series.name}_bucket{${labels},le="+Inf"} ${values.length}`)
    lines.push(`${series.name}_sum{${labels}} ${values.reduce((sum, value) => sum + value, 0)}`)
    lines.push(`${series.name}_count{${labels}} ${values.length}`)
  }
  plain(metrics.running, figures.running)
  plain(metrics.waiting, figures.waiting)
  plain(metrics.kv_usage, figures.kv_usage)
  plain(metrics.prompt_tokens, figures.prompt_tokens)
  plain(metrics.generation_tokens, figures.generation_tokens)
  histogram(metrics.ttft, figures.ttft)
  histogram(metrics.e2e, figures.e2e)
  histogram(metrics.tpot, figures.tpot)
  return `${lines.join('\n')}\n`
}

function labelSets(series: MetricSeries): string[] {
  const ranks = Object.keys(series.where)
  if (ranks.length === 0) return ['model_name="m"']
  const at = (rank: string) => ranks.map((label) => `${label}="${label === 'tp_rank' ? rank : '0'}"`).join(',')
  return [`model_name="m",${at('0')}`, `model_name="m",${at('1')}`]
}

/** A node's DCGM page: percent by GPU index. */
export const gpuPage = (percents: readonly number[]): string =>
  `${percents.map((percent, gpu) => `DCGM_FI_DEV_GPU_UTIL{gpu="${gpu}",UUID="GPU-${gpu}",modelName="H100"} ${percent}`).join('\n')}\n`
