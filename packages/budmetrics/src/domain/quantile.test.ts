import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bucket, type Buckets, bucketsBetween, mergeBuckets } from './buckets.ts'
import { quantile } from './quantile.ts'

const INF = Number.POSITIVE_INFINITY
/** As Prometheus writes a histogram: cumulative counts by `le`. */
const fromCumulative = (pairs: [le: number, count: number][]): Buckets =>
  bucketsBetween(null, { bounds: pairs.map(([le]) => le), counts: pairs.map(([, count]) => count) })

/** promql/quantile.go, bucketQuantile, line by line: the oracle for one set of bounds. */
function bucketQuantile(q: number, pairs: [le: number, count: number][]): number {
  const observations = pairs.at(-1)?.[1] ?? 0
  if (observations === 0) return Number.NaN
  let rank = q * observations
  const found = pairs.slice(0, -1).findIndex(([, count]) => count >= rank)
  if (found === -1) return pairs.at(-2)?.[0] ?? Number.NaN
  const [end, cumulative] = pairs[found] ?? [0, 0]
  const [start, below] = found > 0 ? (pairs[found - 1] ?? [0, 0]) : [0, 0]
  rank -= below
  return start + ((end - start) * rank) / (cumulative - below)
}

describe('quantile uses Prometheus’ interpolation', () => {
  // Worked by hand from the rule of histogram_quantile: rank = q·n, linear inside its bucket.
  const cases: [name: string, q: number, pairs: [number, number][], expected: number | null][] = [
    [
      'interpolates in the bucket that holds the rank',
      0.5,
      [
        [0.1, 10],
        [0.5, 30],
        [INF, 30],
      ],
      0.2,
    ],
    [
      'starts the lowest bucket at zero',
      0.25,
      [
        [0.2, 4],
        [INF, 4],
      ],
      0.05,
    ],
    [
      'gives the bound itself when the rank ends a bucket',
      0.5,
      [
        [1, 5],
        [2, 5],
        [4, 10],
        [INF, 10],
      ],
      1,
    ],
    [
      'passes over empty buckets',
      0.75,
      [
        [1, 5],
        [2, 5],
        [4, 10],
        [INF, 10],
      ],
      3,
    ],
    [
      'answers the last finite bound for what lies above it',
      0.99,
      [
        [1, 5],
        [2, 6],
        [INF, 10],
      ],
      2,
    ],
    [
      'gives p99 of the vLLM TTFT bounds',
      0.99,
      [
        [0.25, 900],
        [0.5, 980],
        [0.75, 1000],
        [INF, 1000],
      ],
      0.625,
    ],
    [
      'gives the largest bound that holds something at q = 1',
      1,
      [
        [1, 3],
        [2, 7],
        [4, 7],
        [INF, 7],
      ],
      2,
    ],
    [
      'says nothing when nothing was counted',
      0.99,
      [
        [1, 0],
        [INF, 0],
      ],
      null,
    ],
  ]
  it.each(cases)('%s', (_name, q, pairs, expected) => {
    const value = quantile(q, fromCumulative(pairs))
    if (expected === null) expect(value).toBeNull()
    else expect(value).toBeCloseTo(expected, 12)
  })

  it('equals Prometheus on any one set of bounds', () => {
    const histogram = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 50 })), {
        minLength: 1,
        maxLength: 12,
      })
      .map((steps) => {
        let le = 0
        let count = 0
        return steps.map(([width, inBucket]): [number, number] => {
          le += width / 1000
          count += inBucket
          return [le, count]
        })
      })
    fc.assert(
      fc.property(
        histogram,
        fc.integer({ min: 0, max: 20 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (finite, above, q) => {
          const pairs: [number, number][] = [...finite, [INF, (finite.at(-1)?.[1] ?? 0) + above]]
          const ours = quantile(q, fromCumulative(pairs))
          const theirs = bucketQuantile(q, pairs)
          // Overflow that starts at 0 exists only where no finite bucket does.
          if (Number.isNaN(theirs)) expect(ours).toBeNull()
          else expect(ours).toBeCloseTo(theirs, 9)
        },
      ),
      { seed: 7, numRuns: 500 },
    )
  })
})

describe('quantile over merged replicas', () => {
  const vllm: Buckets = [
    [0.25, 0.5, 90],
    [0.5, 0.75, 10],
  ]
  const sglang: Buckets = [
    [0.2, 0.4, 60],
    [0.4, 0.6, 40],
  ]

  it('is exact at a bound that every engine has, whatever else differs', () => {
    const a: Buckets = [
      [0.3, 0.5, 98],
      [0.5, 0.8, 2],
    ]
    const b: Buckets = [[0.4, 0.5, 100]]
    // 198 of 200 are at or below 0.5: p99 is 0.5 and not above.
    expect(quantile(0.99, mergeBuckets([a, b]))).toBeCloseTo(0.5, 12)
    expect(quantile(0.991, mergeBuckets([a, b]))).toBeGreaterThan(0.5)
  })

  it('inverts the mixture of engines with different bounds', () => {
    // At or below 0.5: 90 + 60 + 40·½ = 170 of 200; at 0.6: 90 + 4 + 100 = 194; p90 = rank 180.
    expect(quantile(0.9, mergeBuckets([vllm, sglang]))).toBeCloseTo(0.5 + (0.1 * 10) / 24, 12)
  })

  it('does not average: one slow replica of many requests decides the p99', () => {
    const slow: Buckets = [[1, 2.5, 50]]
    const p99 = quantile(0.99, mergeBuckets([vllm, slow]))
    expect(p99).toBeCloseTo(1 + (1.5 * (148.5 - 100)) / 50, 12)
  })

  it('counts what an engine could not place as lying at its last bound', () => {
    const cut: Buckets = [
      [0.2, 0.4, 50],
      [0.4, INF, 50],
    ]
    const fine: Buckets = [
      [0.1, 0.2, 100],
      [0.8, 1.6, 1],
    ]
    expect(quantile(0.9, mergeBuckets([cut, fine]))).toBe(0.4)
  })

  it('does not depend on order or on how parts are grouped', () => {
    const bucket = fc
      .tuple(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
      )
      .map(([lower, width, count, open]): Bucket => [lower / 10, open ? INF : (lower + width) / 10, count])
    const parts = fc.array(fc.array(bucket, { maxLength: 6 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(parts, (list) => {
        const [first, ...rest] = list
        const together = quantile(0.95, mergeBuckets(list))
        const stepwise = quantile(0.95, mergeBuckets([mergeBuckets(rest), first ?? []]))
        if (together === null) expect(stepwise).toBeNull()
        else expect(stepwise).toBeCloseTo(together, 9)
      }),
      { seed: 11, numRuns: 300 },
    )
  })
})
