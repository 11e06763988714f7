/** Medians as XGBoost takes them for its absolute error: of the target at the start, of the residuals in each leaf. */

/** Reorders its arguments. Without weights: the middle value, or the mean of the two. NaN of nothing. */
export function median(values: Float64Array): number {
  values.sort()
  const middle = values.length >> 1
  const upper = values[middle] ?? Number.NaN
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? Number.NaN) + upper) / 2
}

/**
 * The lowest value at which half of the weight is reached; reorders its arguments. By quickselect: time grows with the
 * number of values, not with its logarithm too.
 */
export function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2
  let low = 0
  let high = values.length - 1
  let below = 0
  while (low < high) {
    const pivot = middleOfThree(values[low] as number, values[(low + high) >> 1] as number, values[high] as number)
    const { smaller, larger, weightSmaller, weightEqual } = partition(values, weights, low, high, pivot)
    if (smaller > low && below + weightSmaller >= half) high = smaller - 1
    else if (below + weightSmaller + weightEqual >= half || larger > high) return pivot
    else {
      below += weightSmaller + weightEqual
      low = larger
    }
  }
  return values[low] ?? Number.NaN
}

function middleOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/** Smaller values, equal ones from `smaller` on, larger ones from `larger` on. */
function partition(values: Float64Array, weights: Float64Array, low: number, high: number, pivot: number) {
  let smaller = low
  let larger = high + 1
  let weightSmaller = 0
  let weightEqual = 0
  let i = low
  while (i < larger) {
    const value = values[i] as number
    if (value < pivot) {
      weightSmaller += weights[i] as number
      swap(values, weights, i++, smaller++)
    } else if (value > pivot) swap(values, weights, i, --larger)
    else weightEqual += weights[i++] as number
  }
  return { smaller, larger, weightSmaller, weightEqual }
}

function swap(values: Float64Array, weights: Float64Array, a: number, b: number): void {
  const value = values[a] as number
  const weight = weights[a] as number
  values[a] = values[b] as number
  weights[a] = weights[b] as number
  values[b] = value
  weights[b] = weight
}
