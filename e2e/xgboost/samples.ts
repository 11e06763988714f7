/** Rows to train on and to compare on: made ones with missing values, and the measured serving rows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCsv } from '../../packages/budsim/src/domain/csv.ts'
import type { Forest } from '../../packages/budsim/src/domain/trees/forest.ts'
import { createSeededRandom } from '../../packages/budsim/src/domain/trees/seeded-random.ts'
import type { TrainingData } from '../../packages/budsim/src/domain/trees/train-forest.ts'

const MISSING_SHARE = 0.1
const NAMES = ['size', 'phase', 'gain "x"', 'Länge', 'level', 'count', 'noise']

/** Smooth, stepped and interacting effects, whole numbers, ties, and gaps that tell something. */
export function madeRows(count: number, seed: number): TrainingData & { weight: Float64Array } {
  const random = createSeededRandom(seed)
  const columns = NAMES.map((name) =>
    Float64Array.from({ length: count }, () => {
      if (random() < MISSING_SHARE) return Number.NaN
      return name === 'count' ? Math.floor(random() * 6) : (random() - 0.5) * (name === 'size' ? 1000 : 10)
    }),
  )
  const at = (column: number, row: number, missing: number) => {
    const value = columns[column]?.[row] ?? Number.NaN
    return Number.isNaN(value) ? missing : value
  }
  const target = Float64Array.from({ length: count }, (_, row) => {
    const smooth = 10 + at(0, row, 300) / 100 + 2 * Math.sin(at(1, row, 0))
    const stepped = (at(2, row, 5) > 1 ? 3 : 0) + (at(3, row, 0) * at(4, row, 1)) / 10 + at(5, row, 9)
    return smooth + stepped + random()
  })
  return { columns, feature_names: NAMES, target, weight: Float64Array.from(target, () => 0.1 + random()) }
}

const NUMBERS = [
  ...['params_b', 'num_gpus', 'tp', 'pp', 'ep', 'dp', 'isl', 'osl'],
  ...['concurrency_or_batch', 'request_rate', 'max_num_seqs', 'attn_dp', 'is_moe'],
]
const KINDS = ['engine', 'gpu', 'precision', 'scenario', 'model']

/** The logarithm of the measured time per token, from what describes the row; kinds by number in order of their names. */
export function measuredRows(): TrainingData {
  const path = join(import.meta.dirname, '../../data/measurements.csv')
  const rows = parseCsv(readFileSync(path, 'utf8')).filter((row) => Number(row.tpot_ms_mean) > 0)
  const number = (text: string | undefined) => (text ? Number(text) : Number.NaN)
  const numbers = NUMBERS.map((name) => Float64Array.from(rows, (row) => number(row[name])))
  const kinds = KINDS.map((name) => {
    const known = [...new Set(rows.map((row) => row[name]))].sort()
    return Float64Array.from(rows, (row) => known.indexOf(row[name]))
  })
  return {
    columns: [...numbers, ...kinds],
    feature_names: [...NUMBERS, ...KINDS],
    target: Float64Array.from(rows, (row) => Math.log(number(row.tpot_ms_mean))),
  }
}

/** Rows for a forest: missing values, whole random ones, and many exactly at a split or next to it. */
export function probingRows(forest: Forest, count: number, seed: number): Float64Array[] {
  const random = createSeededRandom(seed)
  const pick = <T>(list: ArrayLike<T>) => list[Math.floor(random() * list.length)] as T
  const conditions = forest.feature_names.map((): number[] => [])
  for (const { left, feature, threshold } of forest.trees) {
    left.forEach((child, node) => {
      if (child >= 0) conditions[feature[node] as number]?.push(threshold[node] as number)
    })
  }
  const near = (condition: number) => pick([condition, condition, condition * (1 + 1e-7), condition * (1 - 1e-7)])
  const value = (known: number[]) => {
    const draw = random()
    if (draw < MISSING_SHARE || known.length === 0) return Number.NaN
    return draw < 0.7 ? near(pick(known)) : pick(known) + (random() - 0.5) * 10
  }
  const rows = Array.from({ length: count }, () => conditions.map(value))
  return conditions.map((_, feature) => Float64Array.from(rows, (row) => row[feature] as number))
}
