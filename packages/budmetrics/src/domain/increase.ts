/** What happened between two readings of one replica. */
import { type Buckets, bucketsBetween, type CumulativeHistogram, mergeBuckets } from './buckets.ts'
import type { ReplicaReading } from './replica-reading.ts'

export const HISTOGRAMS = ['ttft', 'tpot', 'itl', 'e2e'] as const
export type HistogramName = (typeof HISTOGRAMS)[number]

export interface Increase {
  prompt_tokens: number
  generation_tokens: number
  /** Sums of the values in each histogram, in seconds: with their counts, exact means. */
  seconds: Readonly<Record<HistogramName, number>>
  ttft: Buckets
  tpot: Buckets
  itl: Buckets
  e2e: Buckets
}

const COUNTERS = ['prompt_tokens', 'generation_tokens'] as const

/**
 * When any counter went down, or a histogram changed its bounds, the engine has restarted, and all it counts now is
 * new: one process, one start, so figures that happen to have passed their old value are read right as well.
 * What happened between the last reading and the crash is lost. A figure absent before counts from zero: engines
 * expose a labelled series from its first request on.
 */
export function increaseBetween(previous: ReplicaReading, current: ReplicaReading): Increase {
  const base = hasRestarted(previous, current) ? null : previous
  const counter = (name: (typeof COUNTERS)[number]) => Math.max(0, (current[name] ?? 0) - (base?.[name] ?? 0))
  const seconds = (name: HistogramName) => Math.max(0, (current[name]?.sum ?? 0) - (base?.[name]?.sum ?? 0))
  const buckets = (name: HistogramName) => {
    const now = current[name]
    return now ? bucketsBetween(base?.[name] ?? null, now) : []
  }
  return {
    prompt_tokens: counter('prompt_tokens'),
    generation_tokens: counter('generation_tokens'),
    seconds: ofEach(seconds),
    ttft: buckets('ttft'),
    tpot: buckets('tpot'),
    itl: buckets('itl'),
    e2e: buckets('e2e'),
  }
}

function hasRestarted(previous: ReplicaReading, current: ReplicaReading): boolean {
  return (
    COUNTERS.some((name) => isBelow(current[name], previous[name])) ||
    HISTOGRAMS.some((name) => isReset(previous[name], current[name]))
  )
}

const isBelow = (now: number | null, before: number | null): boolean => now !== null && before !== null && now < before

function isReset(before: CumulativeHistogram | null, now: CumulativeHistogram | null): boolean {
  if (!before || !now) return false
  if (before.bounds.length !== now.bounds.length) return true
  return before.bounds.some((bound, i) => bound !== now.bounds[i] || (now.counts[i] ?? 0) < (before.counts[i] ?? 0))
}

/** Of several replicas, or of several stretches of time. */
export function sumIncreases(parts: readonly Increase[]): Increase {
  const merged = (name: HistogramName) => mergeBuckets(parts.map((part) => part[name]))
  return {
    prompt_tokens: parts.reduce((sum, part) => sum + part.prompt_tokens, 0),
    generation_tokens: parts.reduce((sum, part) => sum + part.generation_tokens, 0),
    seconds: ofEach((name) => parts.reduce((sum, part) => sum + part.seconds[name], 0)),
    ttft: merged('ttft'),
    tpot: merged('tpot'),
    itl: merged('itl'),
    e2e: merged('e2e'),
  }
}

const ofEach = (value: (name: HistogramName) => number): Record<HistogramName, number> =>
  Object.fromEntries(HISTOGRAMS.map((name) => [name, value(name)])) as Record<HistogramName, number>
