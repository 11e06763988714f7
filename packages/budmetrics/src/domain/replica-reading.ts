/** What one replica's engine says about itself at one moment, under the same names for every engine. */
import type { MetricSeries, NormalisedMetrics } from '@bud/engines'
import type { CumulativeHistogram } from './buckets.ts'
import { type Exposition, parseNumber, type Sample } from './exposition.ts'

/** Counters and histograms count since the engine's start; seconds; null where the engine does not say. */
export interface ReplicaReading {
  running: number | null
  waiting: number | null
  /** 0–1 of the KV cache. */
  kv_usage: number | null
  prompt_tokens: number | null
  generation_tokens: number | null
  ttft: CumulativeHistogram | null
  tpot: CumulativeHistogram | null
  itl: CumulativeHistogram | null
  e2e: CumulativeHistogram | null
}

/** The exposed names a reading is made of. */
export function sampleNames(metrics: NormalisedMetrics): ReadonlySet<string> {
  const { running, waiting, kv_usage, prompt_tokens, generation_tokens, ttft, tpot, itl, e2e } = metrics
  const series = [running, waiting, kv_usage, prompt_tokens, generation_tokens, ttft, tpot, itl, e2e]
  return new Set(series.flatMap((one) => (one ? exposedNames(one) : [])))
}

/**
 * Reads each figure at the rank the engine's facts name (tp_rank 0 of SGLang …) and adds up what remains apart:
 * data-parallel engines of one server, streaming and plain requests. KV usage is that of the fullest engine.
 * Null when the exposition has none of the engine's figures.
 */
export function readReplica(exposition: Exposition, metrics: NormalisedMetrics): ReplicaReading | null {
  const sum = (series: MetricSeries) => reduceSamples(samplesOf(exposition, series), (a, b) => a + b)
  const histogram = (series: MetricSeries | null) => (series ? readHistogram(exposition, series) : null)
  const reading: ReplicaReading = {
    running: sum(metrics.running),
    waiting: sum(metrics.waiting),
    kv_usage: reduceSamples(samplesOf(exposition, metrics.kv_usage), Math.max),
    prompt_tokens: sum(metrics.prompt_tokens),
    generation_tokens: sum(metrics.generation_tokens),
    ttft: histogram(metrics.ttft),
    tpot: histogram(metrics.tpot),
    itl: histogram(metrics.itl),
    e2e: histogram(metrics.e2e),
  }
  return Object.values(reading).some((figure) => figure !== null) ? reading : null
}

const exposedNames = ({ type, name }: MetricSeries): string[] =>
  type === 'histogram' ? [`${name}_bucket`, `${name}_sum`] : [name]

/**
 * As in PromQL, an empty label equals a missing one. With priority scheduling SGLang exposes a gauge once per priority
 * beside the total, which has none: only the total counts then.
 */
function samplesOf(exposition: Exposition, series: MetricSeries, name = series.name): readonly Sample[] {
  const wanted = Object.entries(series.where)
  const samples = (exposition.get(name) ?? []).filter(({ labels }) =>
    wanted.every(([label, value]) => (labels[label] ?? '') === value),
  )
  if (series.type !== 'gauge') return samples
  const totals = samples.filter(({ labels }) => !labels.priority)
  return totals.length > 0 ? totals : samples
}

function reduceSamples(samples: readonly Sample[], combine: (a: number, b: number) => number): number | null {
  if (samples.length === 0) return null
  return samples.map((sample) => sample.value).reduce((a, b) => combine(a, b))
}

/** Adds up the label sets bound by bound; null without a +Inf bucket, whose count is that of all observations. */
function readHistogram(exposition: Exposition, series: MetricSeries): CumulativeHistogram | null {
  const counts = new Map<number, number>()
  for (const { labels, value } of samplesOf(exposition, series, `${series.name}_bucket`)) {
    const bound = parseNumber(labels.le ?? '')
    if (bound !== undefined) counts.set(bound, (counts.get(bound) ?? 0) + value)
  }
  if (!counts.has(Number.POSITIVE_INFINITY)) return null
  const bounds = [...counts.keys()].sort((a, b) => a - b)
  const sum = reduceSamples(samplesOf(exposition, series, `${series.name}_sum`), (a, b) => a + b)
  return { bounds, counts: bounds.map((bound) => counts.get(bound) ?? 0), ...(sum === null ? {} : { sum }) }
}
