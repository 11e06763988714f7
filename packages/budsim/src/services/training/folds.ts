/** Who is left out together: what a model of an architecture, or a GPU, never seen would meet. */
import { architectureOf } from '../../domain/intervals/interval-model.ts'
import type { PreparedRow } from './prepare-rows.ts'

export const FOLDINGS = ['architecture', 'gpu'] as const
export type Folding = (typeof FOLDINGS)[number]

const FOLDS = 11
const POOLED = 3

export const gpuKey = ({ case: one }: Pick<PreparedRow, 'case'>): string => one.build.gpu.id

/** The fold of each row: the largest groups alone, the rest pooled in three. */
export function foldsOf(rows: readonly PreparedRow[], folding: Folding): Int32Array {
  const keyOf = (row: PreparedRow): string => (folding === 'gpu' ? gpuKey(row) : architectureOf(row.case))
  const sizes = new Map<string, number>()
  for (const row of rows) sizes.set(keyOf(row), (sizes.get(keyOf(row)) ?? 0) + 1)
  const bySize = [...sizes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([key]) => key)
  const alone = FOLDS - POOLED
  const fold = new Map(bySize.map((key, i) => [key, i < alone ? i : alone + ((i - alone) % POOLED)]))
  return Int32Array.from(rows, (row) => fold.get(keyOf(row)) ?? 0)
}
