/** Results that a model card states of its own model. Form: https://huggingface.co/docs/hub/model-cards#evaluation-results */
import { benchmarkName } from './benchmark-names.ts'
import { numberValue, textValue } from './card-values.ts'
import { isRecord } from './front-matter.ts'

export interface CardBenchmark {
  benchmark: string
  metric: string | null
  score: number
  /** Where the card has it from, else "model card". */
  source: string
  /** Which part of the benchmark, e.g. "25-shot". */
  config: string | null
}

const MAX_RESULTS = 500
const MODEL_CARD = 'model card'

export function readModelIndex(value: unknown): CardBenchmark[] {
  const results = list(value).flatMap((model) => (isRecord(model) ? list(model.results) : []))
  return results.slice(0, MAX_RESULTS).flatMap(readResult).slice(0, MAX_RESULTS)
}

function readResult(result: unknown): CardBenchmark[] {
  if (!isRecord(result)) return []
  const dataset = isRecord(result.dataset) ? result.dataset : {}
  const task = isRecord(result.task) ? result.task : {}
  const name = textValue(dataset.name) ?? textValue(dataset.type) ?? textValue(task.name)
  if (name === null) return []
  const source = isRecord(result.source) ? (textValue(result.source.name) ?? textValue(result.source.url)) : null
  const benchmark = benchmarkName(name)
  const config = configOf(name, dataset)
  return list(result.metrics).flatMap((metric) => {
    const score = isRecord(metric) ? numberValue(metric.value) : null
    if (!isRecord(metric) || score === null) return []
    const metricName = textValue(metric.name) ?? textValue(metric.type)
    return [{ benchmark, metric: metricName, score, source: source ?? MODEL_CARD, config }]
  })
}

function configOf(name: string, dataset: Record<string, unknown>): string | null {
  const args = isRecord(dataset.args) ? dataset.args : {}
  const shots = numberValue(args.num_few_shot)
  const shown = /(\d{1,3})[- ]?shots?\b/i.exec(name)
  if (shots !== null) return `${shots}-shot`
  return shown ? `${shown[1]}-shot` : textValue(dataset.config, 80)
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, MAX_RESULTS) : [])
