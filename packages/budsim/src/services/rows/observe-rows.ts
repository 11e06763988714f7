/** Measured rows as observations that refine a predictor. */
import type { Target } from '../../domain/physics/calibrated.ts'
import type { ServingCase } from '../../domain/physics/serving-case.ts'
import type { Observation } from '../../domain/refinement/observation.ts'
import { type Refinement, refine } from '../../domain/refinement/refine.ts'
import { parseMeasuredRow } from '../../domain/rows/measured-row.ts'
import type { TableRow } from '../../domain/rows/table-header.ts'
import type { CasePredictor } from '../case-predictor.ts'
import { observe } from '../refined-predictor.ts'
import { readTable, type TextSource } from './read-table.ts'
import { createRowResolver, type RowCatalogues } from './resolve-row.ts'

export interface ObserveRowsQuery extends RowCatalogues {
  chunks: TextSource
  /** The predictor to be refined. */
  predictor: CasePredictor
  /** Name of the refinement that comes of it. */
  id: string
}

export interface ObservedRows {
  refinement: Refinement
  /** Rows left out, named by line and column; at most MOST_PROBLEMS of them. */
  problems: string[]
  skipped: number
}

const MOST_PROBLEMS = 10

/** Rows without a measured figure, or that cannot run, say nothing. Throws invalid-input when it is no such table. */
export async function observeRows(query: ObserveRowsQuery): Promise<ObservedRows> {
  const observations: Observation[] = []
  const problems: string[] = []
  let skipped = 0
  const observed = createRowObserver(query)
  for await (const rows of readTable({ chunks: query.chunks, columns: 'all', note: () => {} })) {
    for (const row of rows) {
      const found = observed(row)
      if (typeof found !== 'string') observations.push(found.observation)
      else if (skipped++ < MOST_PROBLEMS) problems.push(found)
    }
  }
  return { refinement: refine(query.id, observations), problems, skipped }
}

export interface MeasuredRowCase {
  observation: Observation
  case: ServingCase
  measured: Record<Target, number | null>
}

/** The observation of a row, or why there is none. */
export function createRowObserver({
  predictor,
  gpus,
  models,
}: Pick<ObserveRowsQuery, 'predictor' | keyof RowCatalogues>): (row: TableRow) => MeasuredRowCase | string {
  const resolve = createRowResolver({ gpus, models })
  return ({ line, cells, problem }) => {
    if (problem) return `Line ${line} ${problem}.`
    const parsed = parseMeasuredRow(cells, line)
    if ('problems' in parsed) return parsed.problems.map(({ message }) => message).join(' ')
    const { row, measured } = parsed.measured
    const { ttft_ms: ttft, tpot_ms: tpot, output_tok_s: output } = measured
    if (ttft === null && tpot === null && output === null) return `Line ${line}: nothing of it was measured.`
    const found = resolve(row)
    if (found.status !== 'ok') return found.reason
    const figures = { ttft, tpot, output }
    return {
      observation: observe(predictor, { case: found.case, measured: figures }),
      case: found.case,
      measured: figures,
    }
  }
}
