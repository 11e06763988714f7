/** Forests from measured rows and their calibrated physics: settings of the predictor study, section 6. */
import { type CalibratedCase, type Figures, TARGETS, type Target } from '../physics/calibrated.ts'
import { trainForest } from '../trees/train-forest.ts'
import { FEATURES, featuresOf, NARROW_FEATURES } from './features.ts'
import {
  type ForestRole,
  type ResidualForest,
  type ResidualModel,
  seenKey,
  TREE_GROUPS,
  type TreeGroup,
  treeGroupOf,
} from './residual-forests.ts'

export interface CalibratedRow {
  calibrated: CalibratedCase
  /** NaN where not measured. */
  measured: Figures
  weight: number
}

const COMMON = {
  objective: 'absolute-error',
  subsample: 0.8,
  lambda: 2,
  bins: 128,
  seed: 1,
} as const
const DEEP = { ...COMMON, learning_rate: 0.07, depth: 5, min_child_weight: 4, columns_per_tree: 0.3 }
const NARROW = { ...COMMON, learning_rate: 0.05, depth: 3, trees: 100, min_child_weight: 20, columns_per_tree: 1 }
const TREES = { many: 180, few: 80, fewBelowRows: 400 }
const LEAST_ROWS = 30
/** Residuals beyond this are other things than speed: mislabelled rows, speculative decoding. */
const MOST_RESIDUAL = { 'closed-loop': 1.5, other: 2 } as const
const MOST_TPOT_RESIDUAL = 0.6

export function trainResiduals(rows: readonly CalibratedRow[]): ResidualModel {
  const forests: ResidualForest[] = []
  for (const group of TREE_GROUPS) {
    const own = rows.filter(({ calibrated }) => treeGroupOf(calibrated.subject.head) === group)
    for (const target of TARGETS) {
      // A closed loop's throughput follows from its latencies.
      if (group === 'closed-loop' && target === 'output') continue
      forests.push(...trainGroup(group, target, own))
    }
  }
  return { forests, seen: [...new Set(rows.map(({ calibrated }) => seenKey(calibrated)))].sort() }
}

function trainGroup(group: TreeGroup, target: Target, own: readonly CalibratedRow[]): ResidualForest[] {
  const rows = own.filter(({ measured }) => measured[target] > 0)
  if (rows.length < LEAST_ROWS) return []
  const trained = (role: ForestRole, chosen: readonly CalibratedRow[]): ResidualForest => ({
    group,
    target,
    role,
    forest: train(group, target, role, chosen),
  })
  if (group === 'closed-loop') {
    const credible = target === 'tpot' ? rows.filter(isCredible) : []
    const narrow = credible.length < LEAST_ROWS ? [] : [trained('narrow', credible)]
    return [...narrow, trained('residual', rows)]
  }
  return target === 'output' ? [trained('residual', rows)] : [trained('residual', rows), trained('raw', rows)]
}

const isCredible = ({ calibrated, measured }: CalibratedRow): boolean =>
  Math.abs(Math.log(measured.tpot / calibrated.figures.tpot)) < MOST_TPOT_RESIDUAL

function train(group: TreeGroup, target: Target, role: ForestRole, rows: readonly CalibratedRow[]) {
  const names: readonly string[] = role === 'narrow' ? NARROW_FEATURES : FEATURES
  const columns = columnsOf(rows, names)
  const most = group === 'closed-loop' ? MOST_RESIDUAL['closed-loop'] : MOST_RESIDUAL.other
  const target_ = Float64Array.from(rows, ({ calibrated, measured }) => {
    const log = Math.log(measured[target])
    if (role === 'raw') return log
    return Math.min(Math.max(log - Math.log(calibrated.figures[target]), -most), most)
  })
  const mean = rows.reduce((sum, { weight }) => sum + weight, 0) / rows.length
  const settings =
    role === 'narrow' ? NARROW : { ...DEEP, trees: rows.length < TREES.fewBelowRows ? TREES.few : TREES.many }
  return trainForest(
    { columns, feature_names: names, target: target_, weight: Float64Array.from(rows, ({ weight }) => weight / mean) },
    settings,
  )
}

function columnsOf(rows: readonly CalibratedRow[], names: readonly string[]): Float64Array[] {
  const row = new Float64Array(FEATURES.length)
  const at = names.map((name) => FEATURES.indexOf(name as (typeof FEATURES)[number]))
  const columns = names.map(() => new Float64Array(rows.length))
  rows.forEach(({ calibrated }, i) => {
    featuresOf(calibrated, row)
    at.forEach((from, column) => {
      const values = columns[column]
      if (values) values[i] = row[from] ?? Number.NaN
    })
  })
  return columns
}
