/** The fastest way from one row to a forest's prediction: no branch depends on a value, nothing is allocated. */
import { invalidInput } from '@bud/kernel'
import type { Forest, Tree } from './forest.ts'

export type ForestEvaluator = (row: Float64Array) => number

interface FlatForest {
  /** By node: where in `compared` its feature's value lies. */
  feature: Int32Array
  /** By node; NaN at a leaf, so that it is never passed. */
  threshold: Float32Array
  /** By node: its left child, with the right one behind it; at a leaf the leaf itself. */
  left: Int32Array
  /** By node: a leaf's value. */
  value: Float32Array
  /** By tree: its root and how many steps lead to its deepest leaf. */
  roots: Int32Array
  depths: Int32Array
}

/**
 * Agrees with XGBoost to the last bit: float32 values and conditions, `<` goes left, missing (NaN) the default way,
 * float32 sums in the trees' order. The evaluator keeps a buffer of its own: use it from one thread.
 */
export function createForestEvaluator(forest: Forest): ForestEvaluator {
  const width = forest.feature_names.length
  const { feature, threshold, left, value, roots, depths } = flatten(forest)
  const base = forest.base_score
  // Each value twice: a missing one lies above all conditions in the first half and below them in the second.
  const compared = new Float32Array(2 * width)

  return (row) => {
    if (row.length !== width) throw invalidInput(`A row of ${row.length} values for a forest of ${width} features.`)
    for (let i = 0; i < width; i++) {
      const given = row[i] as number
      const missing = Number.isNaN(given)
      compared[i] = missing ? Number.POSITIVE_INFINITY : given
      compared[i + width] = missing ? Number.NEGATIVE_INFINITY : given
    }
    let sum = base
    for (let tree = 0; tree < roots.length; tree++) {
      let node = roots[tree] as number
      for (let step = depths[tree] as number; step > 0; step--) {
        const passed = (compared[feature[node] as number] as number) >= (threshold[node] as number)
        node = (left[node] as number) + +passed
      }
      sum = Math.fround(sum + (value[node] as number))
    }
    return sum
  }
}

/** Breadth first, so that siblings are neighbours and the often visited upper nodes lie together. */
function flatten({ trees, feature_names }: Forest): FlatForest {
  const total = trees.reduce((sum, tree) => sum + tree.left.length, 0)
  const flat: FlatForest = {
    feature: new Int32Array(total),
    threshold: new Float32Array(total).fill(Number.NaN),
    left: new Int32Array(total),
    value: new Float32Array(total),
    roots: new Int32Array(trees.length),
    depths: new Int32Array(trees.length),
  }
  let next = 0
  trees.forEach((tree, i) => {
    flat.roots[i] = next
    flat.depths[i] = layDown(flat, tree, next, feature_names.length)
    next += tree.left.length
  })
  return flat
}

/** Returns the tree's depth. */
function layDown(flat: FlatForest, tree: Tree, root: number, width: number): number {
  const queue = [0]
  const levels = [0]
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i] as number
    const place = root + i
    const left = tree.left[node] as number
    if (left < 0) {
      flat.left[place] = place
      flat.value[place] = tree.threshold[node] as number
    } else {
      flat.left[place] = root + queue.length
      flat.threshold[place] = tree.threshold[node] as number
      flat.feature[place] = (tree.feature[node] as number) + (tree.default_left[node] === 1 ? width : 0)
      queue.push(left, tree.right[node] as number)
      levels.push((levels[i] as number) + 1, (levels[i] as number) + 1)
    }
  }
  return levels.at(-1) ?? 0
}
