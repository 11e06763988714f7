/**
 * Trains gradient-boosted trees: XGBoost's `hist` method (gain, leaf values and default directions by its formulas),
 * single-threaded, with cuts half way between values. The same input gives the same forest on every machine.
 */
import { type BinnedColumn, binColumn } from './bin-columns.ts'
import { checkTraining } from './check-training.ts'
import type { Forest, ForestObjective, Tree } from './forest.ts'
import { createTreeGrower, type GrownTree } from './grow-tree.ts'
import { type Labels, type Objective, objectives } from './objectives.ts'
import { createSeededRandom } from './seeded-random.ts'

export interface TrainingData {
  /** One per feature, of equal length; NaN is a missing value. Values are compared in float32. */
  columns: readonly Float64Array[]
  feature_names: readonly string[]
  target: Float64Array
  /** How much each row counts; without it all count the same. */
  weight?: Float64Array
}

export interface TrainingOptions {
  objective: ForestObjective
  trees: number
  depth: number
  learning_rate: number
  /** Of the weights (hessians) in a leaf. */
  min_child_weight: number
  /** The share of rows each tree sees. */
  subsample: number
  /** The share of features each tree sees. */
  columns_per_tree: number
  /** L2 and L1 penalty of leaf values. */
  lambda: number
  alpha?: number
  bins?: number
  seed: number
}

const BINS = 128

/** Throws invalid-input with every problem of data and options. */
export function trainForest(data: TrainingData, options: TrainingOptions): Forest {
  checkTraining(data, options)
  const rowCount = data.target.length
  const labels: Labels = { target: data.target, weight: data.weight && Float32Array.from(data.weight) }
  const hessian = labels.weight ?? new Float32Array(rowCount).fill(1)
  const columns = data.columns.map((column) => binColumn(column, hessian, options.bins ?? BINS))
  const usable = columns.flatMap(({ cuts }, feature) => (cuts.length > 0 ? [feature] : []))
  const grow = createTreeGrower(columns, rowCount, { ...options, alpha: options.alpha ?? 0 })
  const objective = objectives[options.objective]
  const random = createSeededRandom(options.seed)
  const base_score = Math.fround(objective.baseScore(labels))
  const predictions = new Float32Array(rowCount).fill(base_score)
  const pairs = new Float32Array(2 * rowCount)

  const trees: Tree[] = []
  for (let i = 0; i < options.trees; i++) {
    fillPairs(pairs, predictions, data.target, hessian, objective)
    const { rows, others } = sampleRows(rowCount, options.subsample, random)
    const grown = grow(pairs, rows, sampleFeatures(usable, options.columns_per_tree, random))
    setLeafValues(grown, labels, predictions, objective, options.learning_rate)
    addTree(predictions, grown, columns, others)
    trees.push(grown.tree)
  }
  return { objective: options.objective, feature_names: [...data.feature_names], base_score, trees }
}

function fillPairs(
  pairs: Float32Array,
  predictions: Float32Array,
  target: Float64Array,
  hessian: Float32Array,
  objective: Objective,
): void {
  for (let row = 0; row < target.length; row++) {
    const share = hessian[row] as number
    pairs[2 * row] = share * objective.gradient(predictions[row] as number, target[row] as number)
    pairs[2 * row + 1] = share
  }
}

function sampleRows(rowCount: number, share: number, random: () => number) {
  const rows = new Uint32Array(rowCount)
  const others = new Uint32Array(rowCount)
  let taken = 0
  let left = 0
  for (let row = 0; row < rowCount; row++) {
    if (share >= 1 || random() < share) rows[taken++] = row
    else others[left++] = row
  }
  return { rows: rows.subarray(0, taken), others: others.subarray(0, left) }
}

/** In ascending order, so that ties between features do not depend on the draw. */
function sampleFeatures(usable: readonly number[], share: number, random: () => number): Int32Array {
  const drawn = Int32Array.from(usable)
  if (share >= 1) return drawn
  const count = Math.min(drawn.length, Math.max(1, Math.floor(share * drawn.length)))
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(random() * (drawn.length - i))
    const kept = drawn[i] as number
    drawn[i] = drawn[other] as number
    drawn[other] = kept
  }
  return drawn.subarray(0, count).sort()
}

function setLeafValues(
  { tree, rows, leaves }: GrownTree,
  { target, weight }: Labels,
  predictions: Float32Array,
  { leafValue }: Objective,
  learningRate: number,
): void {
  for (const { node, begin, end } of leaves) {
    let value = tree.weight[node] as number
    if (leafValue && end > begin) {
      const residuals = new Float64Array(end - begin)
      const weights = weight && new Float64Array(end - begin)
      for (let i = begin; i < end; i++) {
        const row = rows[i] as number
        residuals[i - begin] = (target[row] as number) - (predictions[row] as number)
        if (weight && weights) weights[i - begin] = weight[row] as number
      }
      value = leafValue(residuals, weights)
    }
    tree.threshold[node] = learningRate * value
  }
}

/** Rows that grew the tree are known by leaf; the `others` go down it. */
function addTree(
  predictions: Float32Array,
  { tree, cuts, rows, leaves }: GrownTree,
  columns: readonly BinnedColumn[],
  others: Uint32Array,
): void {
  for (const { node, begin, end } of leaves) {
    const value = tree.threshold[node] as number
    for (let i = begin; i < end; i++) {
      const row = rows[i] as number
      predictions[row] = (predictions[row] as number) + value
    }
  }
  for (const row of others) {
    const leaf = descend(tree, cuts, columns, row)
    predictions[row] = (predictions[row] as number) + (tree.threshold[leaf] as number)
  }
}

function descend(tree: Tree, cuts: Uint8Array, columns: readonly BinnedColumn[], row: number): number {
  let node = 0
  while ((tree.left[node] as number) >= 0) {
    const { codes, missingCode } = columns[tree.feature[node] as number] as BinnedColumn
    const code = codes[row] as number
    const goesLeft = code === missingCode ? tree.default_left[node] === 1 : code <= (cuts[node] as number)
    node = (goesLeft ? tree.left[node] : tree.right[node]) as number
  }
  return node
}
