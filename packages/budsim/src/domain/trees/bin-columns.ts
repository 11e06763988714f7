/** Sorts every column's values into at most `bins` bins, so that a split is searched over bins instead of rows. */

/** A value's code is the number of cuts at or below it; `value < cuts[c]` is exactly `code <= c`. */
export interface BinnedColumn {
  codes: Uint8Array
  cuts: Float32Array
  /** The code of a missing value, above all others. */
  missingCode: number
}

/** Codes are bytes; one is kept for missing values and one for the bin above the last cut. */
export const BINS_MAX = 254

const FLOAT32_MAX = 3.4028234663852886e38

export function binColumn(column: Float64Array, weight: Float32Array, bins: number): BinnedColumn {
  const values = Float32Array.from(column)
  const distinct = distinctOf(values)
  const shares = new Float64Array(distinct.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number
    if (Number.isNaN(value)) continue
    const place = countAtOrBelow(distinct, value) - 1
    shares[place] = (shares[place] as number) + (weight[row] as number)
  }
  const cuts = chooseCuts(distinct, shares, bins)
  const last = distinct.at(-1)
  if (last !== undefined && values.some(Number.isNaN)) cuts.push(above(last))
  return encode(values, Float32Array.from(cuts))
}

/** Present values, ascending. */
function distinctOf(values: Float32Array): Float32Array {
  const sorted = values.slice().sort()
  let count = 0
  for (const value of sorted) {
    if (!Number.isNaN(value) && (count === 0 || value !== sorted[count - 1])) sorted[count++] = value
  }
  return sorted.subarray(0, count)
}

/** A cut between all neighbours where they are few; otherwise bins of near equal weight. */
function chooseCuts(distinct: Float32Array, shares: Float64Array, bins: number): number[] {
  const everyGap = distinct.length <= bins
  const cuts: number[] = []
  let remaining = shares.reduce((sum, share) => sum + share, 0)
  let gathered = 0
  for (let i = 0; i + 1 < distinct.length && cuts.length < bins - 1; i++) {
    gathered += shares[i] as number
    if (!everyGap && gathered < remaining / (bins - cuts.length)) continue
    cuts.push(between(distinct[i] as number, distinct[i + 1] as number))
    remaining -= gathered
    gathered = 0
  }
  return cuts
}

/** The middle of two float32 values, above the lower one even where they are neighbours. */
function between(lower: number, upper: number): number {
  const middle = Math.fround(lower / 2 + upper / 2)
  return middle > lower ? middle : upper
}

/** Above every present value: the cut that parts present from missing. As XGBoost chooses it. */
const above = (last: number) => Math.min(Math.fround(last + Math.abs(last) + 1e-5), FLOAT32_MAX)

function encode(values: Float32Array, cuts: Float32Array): BinnedColumn {
  const missingCode = cuts.length + 1
  const codes = new Uint8Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number
    codes[row] = Number.isNaN(value) ? missingCode : countAtOrBelow(cuts, value)
  }
  return { codes, cuts, missingCode }
}

function countAtOrBelow(ascending: Float32Array, value: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}
