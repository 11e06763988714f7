/**
 * The fastest way from one row to a forest's prediction. No branch depends on a value and nothing is allocated; four
 * trees go down at a time, because one alone would wait for memory at every step.
 */
import { invalidInput } from '@bud/kernel'
import { type Forest, LEAF, type Tree } from './forest.ts'

export type ForestEvaluator = (row: Float64Array) => number

interface FlatForest {
  /** By node: where among the compared values its feature lies. */
  feature: Int32Array
  /** By node; NaN at a leaf, which no value passes. */
  threshold: Float64Array
  /** By node: its left child, with the right one behind it; at a leaf the leaf itself. */
  next: Int32Array
  /** By node: a leaf's value. */
  value: Float64Array
  /** By tree; filled up to whole fours by trees of one leaf of 0. */
  roots: Int32Array
  /** By four trees: the steps to their deepest leaf. */
  depths: Int32Array
}

/**
 * Agrees with XGBoost to the last bit: float32 values and conditions, `<` goes left, missing (NaN) the default way,
 * float32 sums in the trees' order. An evaluator has one buffer: it is for one thread.
 */
export function createForestEvaluator(forest: Forest): ForestEvaluator {
  const width = forest.feature_names.length
  const { feature, threshold, next, value, roots, depths } = flatten(forest)
  const base = forest.base_score
  // Each value twice: a missing one lies above all conditions in the first half and below them in the second.
  const values = new Float64Array(2 * width)

  return (row) => {
    if (row.length !== width) throw invalidInput(`A row of ${row.length} values for a forest of ${width} features.`)
    for (let i = 0; i < width; i++) {
      const given = row[i] as number
      const missing = Number.isNaN(given)
      values[i] = missing ? Number.POSITIVE_INFINITY : Math.fround(given)
      values[i + width] = missing ? Number.NEGATIVE_INFINITY : Math.fround(given)
    }
    let sum = base
    for (let four = 0, tree = 0; four < depths.length; four++, tree += 4) {
      let a = roots[tree] as number
      let b = roots[tree + 1] as number
      let c = roots[tree + 2] as number
      let d = roots[tree + 3] as number
      for (let step = depths[four] as number; step > 0; step--) {
        a = (next[a] as number) + +((values[feature[a] as number] as number) >= (threshold[a] as number))
        b = (next[b] as number) + +((values[feature[b] as number] as number) >= (threshold[b] as number))
        c = (next[c] as number) + +((values[feature[c] as number] as number) >= (threshold[c] as number))
        d = (next[d] as number) + +((values[feature[d] as number] as number) >= (threshold[d] as number))
      }
      sum = Math.fround(sum + (value[a] as number))
      sum = Math.fround(sum + (value[b] as number))
      sum = Math.fround(sum + (value[c] as number))
      sum = Math.fround(sum + (value[d] as number))
    }
    return sum
  }
}

function flatten({ trees, feature_names }: Forest): FlatForest {
  const total = trees.reduce((sum, tree) => sum + tree.left.length, 0)
  const fours = Math.ceil(trees.length / 4)
  const flat: FlatForest = {
    feature: new Int32Array(total + 1),
    threshold: new Float64Array(total + 1).fill(Number.NaN),
    next: new Int32Array(total + 1).fill(total),
    value: new Float64Array(total + 1),
    roots: new Int32Array(4 * fours).fill(total),
    depths: new Int32Array(fours),
  }
  let root = 0
  trees.forEach((tree, i) => {
    flat.roots[i] = root
    const depth = layDown(flat, tree, root, feature_names.length)
    flat.depths[i >> 2] = Math.max(flat.depths[i >> 2] as number, depth)
    root += tree.left.length
  })
  return flat
}

/** Breadth first: siblings become neighbours, and the nodes visited most lie together. Returns the tree's depth. */
function layDown(flat: FlatForest, tree: Tree, root: number, width: number): number {
  const queue = [0]
  const levels = [0]
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i] as number
    const place = root + i
    const level = levels[i] as number
    if (tree.left[node] === LEAF) {
      flat.next[place] = place
      flat.value[place] = tree.threshold[node] as number
    } else {
      flat.next[place] = root + queue.length
      flat.threshold[place] = tree.threshold[node] as number
      flat.feature[place] = (tree.feature[node] as number) + (tree.default_left[node] === 1 ? width : 0)
      queue.push(tree.left[node] as number, tree.right[node] as number)
      levels.push(level + 1, level + 1)
    }
  }
  return levels.at(-1) ?? 0
}
