/** Grows one tree depth first: choose a split, part the rows, give each side its histogram, go on. */
import { findBestSplit, leafWeight, type Split, type SplitRules, type Sums } from './best-split.ts'
import type { BinnedColumn } from './bin-columns.ts'
import { LEAF, type Tree } from './forest.ts'
import { fillHistogram, type HistogramLayout, layoutHistogram, subtractHistogram } from './histogram.ts'

export interface GrowthRules extends SplitRules {
  depth: number
}

/** The rows of a leaf are `rows.subarray(begin, end)` of the grown tree. */
export interface LeafRows {
  node: number
  begin: number
  end: number
}

export interface GrownTree {
  tree: Tree
  /** The cut of each split, so that other rows can be sent down by their codes. */
  cuts: Uint8Array
  rows: Uint32Array
  leaves: LeafRows[]
}

export type TreeGrower = (pairs: Float32Array, rows: Uint32Array, features: Int32Array) => GrownTree

/** Reuses its buffers from tree to tree. `pairs`: gradient and hessian of each row; `rows`: those that count. */
export function createTreeGrower(columns: readonly BinnedColumn[], rowCount: number, rules: GrowthRules): TreeGrower {
  const length = layoutHistogram(columns, Int32Array.from(columns.keys())).length
  const histograms = Array.from({ length: rules.depth + 1 }, () => new Float64Array(length))
  const ordered = new Float32Array(2 * rowCount)
  const moved = new Uint32Array(rowCount)

  return (pairs, rows, features) => {
    const layout = layoutHistogram(columns, features)
    const nodes = createNodes()
    const leaves: LeafRows[] = []

    const fill = (histogram: Float64Array, begin: number, end: number): void => {
      const chosen = rows.subarray(begin, end)
      for (let i = 0; i < chosen.length; i++) {
        const row = chosen[i] as number
        ordered[2 * i] = pairs[2 * row] as number
        ordered[2 * i + 1] = pairs[2 * row + 1] as number
      }
      fillHistogram(histogram, layout, chosen, ordered)
    }

    const grow = (node: number, sums: Sums, begin: number, end: number, level: number, histogram: Float64Array) => {
      nodes.cover[node] = sums.hessian
      nodes.weight[node] = leafWeight(sums, rules)
      const split = level < rules.depth ? findBestSplit(histogram, layout, sums, rules) : undefined
      const middle = split ? partRows(rows, moved, begin, end, layout, split) : begin
      if (!split || middle === begin || middle === end) {
        leaves.push({ node, begin, end })
        return
      }
      const child = nodes.split(node, split, layout)
      const { left } = split
      const right = { gradient: sums.gradient - left.gradient, hessian: sums.hessian - left.hessian }
      const [leftHistogram, rightHistogram] = share(begin, middle, end, level + 1, histogram)
      grow(child, left, begin, middle, level + 1, leftHistogram)
      grow(child + 1, right, middle, end, level + 1, rightHistogram)
    }

    /** The larger child takes over its parent's histogram; nobody needs one on the last level. */
    const share = (begin: number, middle: number, end: number, level: number, parent: Float64Array) => {
      const own = histograms[level] as Float64Array
      const leftIsSmaller = middle - begin <= end - middle
      const sides = leftIsSmaller ? ([own, parent] as const) : ([parent, own] as const)
      if (level === rules.depth) return sides
      const [smallBegin, smallEnd] = leftIsSmaller ? [begin, middle] : [middle, end]
      const [largeBegin, largeEnd] = leftIsSmaller ? [middle, end] : [begin, middle]
      fill(own, smallBegin, smallEnd)
      // Few rows are counted sooner than all bins are subtracted.
      if (2 * (largeEnd - largeBegin) * features.length < layout.length) fill(parent, largeBegin, largeEnd)
      else subtractHistogram(parent, own, layout.length)
      return sides
    }

    const root = histograms[0] as Float64Array
    if (rules.depth > 0) fill(root, 0, rows.length)
    grow(nodes.add(), sumPairs(pairs, rows), 0, rows.length, 0, root)
    return { ...nodes.finish(), rows, leaves }
  }
}

function sumPairs(pairs: Float32Array, rows: Uint32Array): Sums {
  let gradient = 0
  let hessian = 0
  for (const row of rows) {
    gradient += pairs[2 * row] as number
    hessian += pairs[2 * row + 1] as number
  }
  return { gradient, hessian }
}

/** Keeps the order on both sides; returns where the right side begins. */
function partRows(
  rows: Uint32Array,
  moved: Uint32Array,
  begin: number,
  end: number,
  layout: HistogramLayout,
  { place, cut, missingLeft }: Split,
): number {
  const { codes, missingCode } = layout.columns[place] as BinnedColumn
  let left = begin
  let right = 0
  for (let i = begin; i < end; i++) {
    const row = rows[i] as number
    const code = codes[row] as number
    if (code === missingCode ? missingLeft : code <= cut) rows[left++] = row
    else moved[right++] = row
  }
  rows.set(moved.subarray(0, right), left)
  return left
}

function createNodes() {
  const left: number[] = []
  const feature: number[] = []
  const threshold: number[] = []
  const defaultLeft: number[] = []
  const gain: number[] = []
  const cuts: number[] = []
  const cover: number[] = []
  const weight: number[] = []
  const add = (): number => {
    left.push(LEAF)
    for (const column of [feature, threshold, defaultLeft, gain, cuts, cover, weight]) column.push(0)
    return left.length - 1
  }
  const split = (node: number, { place, cut, missingLeft, gain: saved }: Split, layout: HistogramLayout): number => {
    const child = add()
    add()
    left[node] = child
    feature[node] = layout.features[place] as number
    threshold[node] = layout.columns[place]?.cuts[cut] as number
    defaultLeft[node] = missingLeft ? 1 : 0
    gain[node] = saved
    cuts[node] = cut
    return child
  }
  const finish = (): { tree: Tree; cuts: Uint8Array } => ({
    tree: {
      left: Int32Array.from(left),
      right: Int32Array.from(left, (child) => (child === LEAF ? LEAF : child + 1)),
      feature: Int32Array.from(feature),
      threshold: Float32Array.from(threshold),
      default_left: Uint8Array.from(defaultLeft),
      gain: Float32Array.from(gain),
      cover: Float32Array.from(cover),
      weight: Float32Array.from(weight),
    },
    cuts: Uint8Array.from(cuts),
  })
  return { cover, weight, add, split, finish }
}
