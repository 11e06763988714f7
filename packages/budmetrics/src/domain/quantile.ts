/** Quantiles from bucket counts, by Prometheus' rule (promql/quantile.go, bucketQuantile). */
import { type Buckets, countOf } from './buckets.ts'

/**
 * The value at or below which the share `q` (0 < q ≤ 1) lies; null without counts.
 *
 * Method: linear interpolation inside the bucket that holds rank q·n, the lowest bucket starting at 0; what lies above
 * an engine's last finite bound counts as lying at that bound, so an answer from there is a lower limit. With one set
 * of bounds this is `histogram_quantile(q, …)`. Buckets with other bounds each spread their count evenly over their
 * own range, and the mixture is inverted: merging needs no common bounds.
 *
 * Exactness: at a bound that every merged histogram has, the share at or below it is counted, not estimated: whether
 * the quantile exceeds such a bound is exact. Between bounds it is an estimate, wrong by at most the bucket's width.
 */
export function quantile(q: number, buckets: Buckets): number | null {
  const rank = q * countOf(buckets)
  if (!(rank > 0)) return null
  let previousEdge = 0
  let previousShare = 0
  for (const edge of edgesOf(buckets)) {
    const before = countUpTo(edge, buckets, false)
    if (before >= rank) {
      const share = (rank - previousShare) / (before - previousShare)
      return previousEdge + (edge - previousEdge) * share
    }
    const upTo = countUpTo(edge, buckets, true)
    if (upTo >= rank) return edge
    previousEdge = edge
    previousShare = upTo
  }
  return previousEdge
}

function edgesOf(buckets: Buckets): number[] {
  const edges = new Set<number>()
  for (const [lower, upper] of buckets) {
    edges.add(lower)
    if (Number.isFinite(upper)) edges.add(upper)
  }
  return [...edges].sort((a, b) => a - b)
}

/** The count at or below `edge`; `withOverflow` false leaves out what was put exactly there from above a last bound. */
function countUpTo(edge: number, buckets: Buckets, withOverflow: boolean): number {
  let count = 0
  for (const [lower, upper, inBucket] of buckets) {
    if (upper === Number.POSITIVE_INFINITY) {
      if (lower < edge || (withOverflow && lower === edge)) count += inBucket
    } else if (upper <= edge) count += inBucket
    else if (lower < edge) count += (inBucket * (edge - lower)) / (upper - lower)
  }
  return count
}
