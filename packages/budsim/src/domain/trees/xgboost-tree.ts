/** One tree, to XGBoost's form and back. */
import type { ErrorReason } from '@bud/kernel'
import { LEAF, type Tree } from './forest.ts'

/** XGBoost's mark for the root's parent. */
const NO_PARENT = 2 ** 31 - 1
const SHOWN_CHARACTERS = 40

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

type Problem = (code: 'malformed' | 'unsupported', message: string) => ErrorReason

/** The tree without nodes that pruning left behind, or what is wrong with it. */
export function treeFromXgboost(given: unknown, id: number, featureCount: number): Tree | ErrorReason {
  const path = `learner.gradient_booster.model.trees.${id}`
  const problem: Problem = (code, message) => ({ code, message: `Tree ${id}: ${message}`, path })
  if (!isRecord(given)) return problem('malformed', 'it is no object.')
  if (isRecord(given.tree_param) && Number(given.tree_param.size_leaf_vector ?? 1) > 1) {
    return problem('unsupported', 'leaves of several targets.')
  }
  const tree = readColumns(given)
  if (typeof tree === 'string') return problem('malformed', tree)
  const order = reachable(tree)
  if (typeof order === 'string') return problem('malformed', order)
  const types = Array.isArray(given.split_type) ? given.split_type : []
  for (const node of order) {
    if (tree.left[node] === LEAF) {
      tree.feature[node] = 0
      tree.default_left[node] = 0
    } else if (types[node]) return problem('unsupported', `node ${node} is a categorical split.`)
    else if ((tree.feature[node] as number) >>> 0 >= featureCount) {
      return problem('malformed', `node ${node} asks for feature ${tree.feature[node]} of ${featureCount}.`)
    }
  }
  return order.length === tree.left.length ? tree : keepNodes(tree, order)
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** By hand: a schema library takes ten times as long for these millions of numbers. */
function readColumns(given: Record<string, unknown>): Tree | string {
  const size = Array.isArray(given.left_children) ? given.left_children.length : 0
  if (size === 0) return 'left_children holds no node.'
  const isChild = (value: number) => Number.isInteger(value) && value >= LEAF && value < size
  const isIndex = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 32
  const isBit = (value: number) => value === 0 || value === 1
  const isFloat32 = (value: number) => Math.abs(Math.fround(value)) < Number.POSITIVE_INFINITY
  const tree: Tree = {
    left: new Int32Array(size),
    right: new Int32Array(size),
    feature: new Int32Array(size),
    threshold: new Float32Array(size),
    default_left: new Uint8Array(size),
    gain: new Float32Array(size),
    cover: new Float32Array(size),
    weight: new Float32Array(size),
  }
  return (
    readColumn(given, 'left_children', tree.left, isChild) ??
    readColumn(given, 'right_children', tree.right, isChild) ??
    readColumn(given, 'split_indices', tree.feature, isIndex) ??
    readColumn(given, 'split_conditions', tree.threshold, isFloat32) ??
    readColumn(given, 'default_left', tree.default_left, isBit) ??
    readOptional(given, 'loss_changes', tree.gain, isFloat32) ??
    readOptional(given, 'sum_hessian', tree.cover, isFloat32) ??
    readOptional(given, 'base_weights', tree.weight, isFloat32) ??
    tree
  )
}

type ReadColumn = (
  given: Record<string, unknown>,
  name: string,
  into: Int32Array | Float32Array | Uint8Array,
  accepts: (value: number) => boolean,
) => string | undefined

const readOptional: ReadColumn = (given, name, into, accepts) =>
  given[name] === undefined ? undefined : readColumn(given, name, into, accepts)

/** What is wrong, if anything. */
const readColumn: ReadColumn = (given, name, into, accepts) => {
  const list = given[name]
  if (!Array.isArray(list)) return `${name} is no list.`
  if (list.length !== into.length) return `${name} has ${list.length} entries for ${into.length} nodes.`
  for (let node = 0; node < list.length; node++) {
    const entry: unknown = list[node]
    // XGBoost 1.x wrote directions as true and false.
    const value = typeof entry === 'boolean' ? Number(entry) : entry
    if (typeof value !== 'number' || !accepts(value)) {
      return `${name} of node ${node} cannot be ${String(JSON.stringify(entry)).slice(0, SHOWN_CHARACTERS)}.`
    }
    into[node] = value
  }
  return undefined
}

/** The nodes below the root in ascending order, or why this is no tree. */
function reachable({ left, right }: Tree): Uint32Array | string {
  const seen = new Uint8Array(left.length)
  const queue = new Uint32Array(left.length)
  let found = 1
  seen[0] = 1
  for (let i = 0; i < found; i++) {
    const node = queue[i] as number
    if (left[node] === LEAF && right[node] === LEAF) continue
    for (const child of [left[node] as number, right[node] as number]) {
      if (child === LEAF) return `node ${node} has one child.`
      if (seen[child]) return `node ${child} is reached twice.`
      seen[child] = 1
      queue[found++] = child
    }
  }
  return queue.subarray(0, found).sort()
}

/** The same tree of these nodes alone. */
function keepNodes(tree: Tree, order: Uint32Array): Tree {
  const place = new Int32Array(tree.left.length).fill(LEAF)
  order.forEach((node, i) => {
    place[node] = i
  })
  const child = (children: Int32Array) => (node: number) => place[children[node] as number] ?? LEAF
  return {
    left: Int32Array.from(order, child(tree.left)),
    right: Int32Array.from(order, child(tree.right)),
    feature: Int32Array.from(order, (node) => tree.feature[node] as number),
    threshold: Float32Array.from(order, (node) => tree.threshold[node] as number),
    default_left: Uint8Array.from(order, (node) => tree.default_left[node] as number),
    gain: Float32Array.from(order, (node) => tree.gain[node] as number),
    cover: Float32Array.from(order, (node) => tree.cover[node] as number),
    weight: Float32Array.from(order, (node) => tree.weight[node] as number),
  }
}
