/**
 * Counts of one stretch of time by value range. Only ranges that hold something are kept, each with both its edges,
 * so that counts of engines with different bounds, and of different minutes, merge by laying them together.
 */

/** `count` values in (lower, upper]; an `upper` of Infinity holds what lies above an engine's last bound. */
export type Bucket = readonly [lower: number, upper: number, count: number]
export type Buckets = readonly Bucket[]

/** A histogram as an engine exposes it: counts at or below each bound since its start; the last bound is Infinity. */
export interface CumulativeHistogram {
  bounds: readonly number[]
  counts: readonly number[]
  /** Of all values since the engine's start; absent where the engine does not say. */
  sum?: number
}

/** Laid together; ranges with equal edges become one. Order does not matter and nothing is lost. */
export function mergeBuckets(parts: readonly Buckets[]): Buckets {
  const filled = parts.filter((part) => part.length > 0)
  if (filled.length <= 1) return filled[0] ?? []
  const merged = new Map<string, Bucket>()
  for (const [lower, upper, count] of filled.flat()) {
    const key = `${lower}:${upper}`
    merged.set(key, [lower, upper, count + (merged.get(key)?.[2] ?? 0)])
  }
  return [...merged.values()]
}

export const countOf = (buckets: Buckets): number => buckets.reduce((sum, [, , count]) => sum + count, 0)

/** What was counted between two readings of one process; `previous` null: since its start. */
export function bucketsBetween(previous: CumulativeHistogram | null, current: CumulativeHistogram): Buckets {
  const total = current.counts.at(-1)
  if (previous && total === previous.counts.at(-1)) return []
  const buckets: Bucket[] = []
  let lower = 0
  let below = 0
  for (let i = 0; i < current.bounds.length; i++) {
    const upper = current.bounds[i] ?? Number.POSITIVE_INFINITY
    const atOrBelow = (current.counts[i] ?? 0) - (previous?.counts[i] ?? 0)
    if (atOrBelow > below) buckets.push([lower, upper, atOrBelow - below])
    below = Math.max(below, atOrBelow)
    lower = upper
  }
  return buckets
}

/** JSON has no Infinity: it is written as null. */
export type StoredBucket = readonly [lower: number, upper: number | null, count: number]

export const toStoredBuckets = (buckets: Buckets): StoredBucket[] =>
  buckets.map(([lower, upper, count]) => [lower, Number.isFinite(upper) ? upper : null, count])

export const fromStoredBuckets = (stored: readonly StoredBucket[]): Buckets =>
  stored.map(([lower, upper, count]) => [lower, upper ?? Number.POSITIVE_INFINITY, count])
