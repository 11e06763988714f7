/** Sums of gradients and hessians by bin, for the rows of one node: what splits are chosen from. */
import type { BinnedColumn } from './bin-columns.ts'

/** Where each feature's bins begin in a histogram; gradients lie at even places, hessians behind them. */
export interface HistogramLayout {
  features: Int32Array
  columns: BinnedColumn[]
  starts: Int32Array
  length: number
}

export function layoutHistogram(columns: readonly BinnedColumn[], features: Int32Array): HistogramLayout {
  const starts = new Int32Array(features.length)
  let length = 0
  const chosen = Array.from(features, (feature) => columns[feature] as BinnedColumn)
  chosen.forEach((column, i) => {
    starts[i] = length
    length += 2 * (column.missingCode + 1)
  })
  return { features, columns: chosen, starts, length }
}

/** `pairs` are gradient and hessian of each of `rows`, in the rows' order. */
export function fillHistogram(
  into: Float64Array,
  layout: HistogramLayout,
  rows: Uint32Array,
  pairs: Float32Array,
): void {
  into.fill(0, 0, layout.length)
  for (let i = 0; i < layout.columns.length; i++) {
    const column = layout.columns[i] as BinnedColumn
    addColumn(into, layout.starts[i] as number, column.codes, rows, pairs)
  }
}

function addColumn(into: Float64Array, start: number, codes: Uint8Array, rows: Uint32Array, pairs: Float32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const place = start + ((codes[rows[i] as number] as number) << 1)
    into[place] = (into[place] as number) + (pairs[2 * i] as number)
    into[place + 1] = (into[place + 1] as number) + (pairs[2 * i + 1] as number)
  }
}

/** A child's histogram is its parent's less its sibling's. */
export function subtractHistogram(from: Float64Array, sibling: Float64Array, length: number): void {
  for (let i = 0; i < length; i++) from[i] = (from[i] as number) - (sibling[i] as number)
}
