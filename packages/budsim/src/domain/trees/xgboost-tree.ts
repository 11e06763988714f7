/** One tree, to XGBoost's form and back. */
import type { ErrorReason } from '@bud/kernel'
import { LEAF, type Tree } from './forest.ts'
import type { XgboostTree } from './xgboost-schema.ts'

/** XGBoost's mark for the root's parent. */
const NO_PARENT = 2 ** 31 - 1

export function treeToXgboost(tree: Tree, id: number, featureCount: number) {
  const size = tree.left.length
  const parents = new Array<number>(size).fill(NO_PARENT)
  for (let node = 0; node < size; node++) {
    if (tree.left[node] === LEAF) continue
    parents[tree.left[node] as number] = node
    parents[tree.right[node] as number] = node
  }
  return {
    base_weights: [...tree.weight],
    categories: [],
    categories_nodes: [],
    categories_segments: [],
    categories_sizes: [],
    default_left: [...tree.default_left],
    id,
    left_children: [...tree.left],
    loss_changes: [...tree.gain],
    parents,
    right_children: [...tree.right],
    split_conditions: [...tree.threshold],
    split_indices: [...tree.feature],
    split_type: new Array<number>(size).fill(0),
    sum_hessian: [...tree.cover],
    tree_param: {
      num_deleted: '0',
      num_feature: String(featureCount),
      num_nodes: String(size),
      size_leaf_vector: '1',
    },
  }
}

/** The tree without nodes that pruning left behind, or what is wrong with it. */
export function treeFromXgboost(given: XgboostTree, id: number, featureCount: number): Tree | ErrorReason {
  const size = given.left_children.length
  const path = `learner.gradient_booster.model.trees.${id}`
  const problem = (code: string, message: string): ErrorReason => ({ code, message: `Tree ${id}: ${message}`, path })
  if ((given.tree_param?.size_leaf_vector ?? 1) > 1) return problem('unsupported', 'leaves of several targets.')
  for (const column of ['right_children', 'split_indices', 'split_conditions', 'default_left'] as const) {
    const length = given[column].length
    if (length !== size) return problem('malformed', `${column} has ${length} entries for ${size} nodes.`)
  }
  const order = reachable(given)
  if (typeof order === 'string') return problem('malformed', order)
  for (const node of order) {
    if (given.left_children[node] === LEAF) continue
    if (given.split_type?.[node]) return problem('unsupported', `node ${node} is a categorical split.`)
    const feature = given.split_indices[node] as number
    if (feature >= featureCount) {
      return problem('malformed', `node ${node} asks for feature ${feature} of ${featureCount}.`)
    }
  }
  return gather(given, order)
}

/** The nodes below the root in ascending order, or why this is no tree. */
function reachable({ left_children, right_children }: XgboostTree): number[] | string {
  const size = left_children.length
  const seen = new Uint8Array(size)
  seen[0] = 1
  const queue = [0]
  for (const node of queue) {
    const left = left_children[node] as number
    const right = right_children[node] as number
    if (left === LEAF && right === LEAF) continue
    for (const child of [left, right]) {
      if (child < 0 || child >= size) return `node ${node} has child ${child}, but there are ${size} nodes.`
      if (seen[child]) return `node ${child} is reached twice.`
      seen[child] = 1
      queue.push(child)
    }
  }
  return queue.sort((a, b) => a - b)
}

function gather(given: XgboostTree, order: number[]): Tree {
  const place = new Map(order.map((node, i) => [node, i]))
  const child = (node: number | undefined) => (node === undefined || node === LEAF ? LEAF : (place.get(node) ?? LEAF))
  const isSplit = (node: number) => given.left_children[node] !== LEAF
  return {
    left: Int32Array.from(order, (node) => child(given.left_children[node])),
    right: Int32Array.from(order, (node) => child(given.right_children[node])),
    feature: Int32Array.from(order, (node) => (isSplit(node) ? (given.split_indices[node] ?? 0) : 0)),
    threshold: Float32Array.from(order, (node) => given.split_conditions[node] ?? 0),
    default_left: Uint8Array.from(order, (node) => (isSplit(node) && given.default_left[node] ? 1 : 0)),
    gain: Float32Array.from(order, (node) => given.loss_changes?.[node] ?? 0),
    cover: Float32Array.from(order, (node) => given.sum_hessian?.[node] ?? 0),
    weight: Float32Array.from(order, (node) => given.base_weights?.[node] ?? 0),
  }
}
