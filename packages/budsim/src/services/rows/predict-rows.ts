/** Rows of a table → one answer each, in their order. What was measured is never read. */
import type { Reason } from '@bud/kernel'
import { quoted } from '../../domain/nearest-names.ts'
import type { ServingCase } from '../../domain/physics/serving-case.ts'
import { parseServingRow, type ServingRow } from '../../domain/rows/serving-row.ts'
import type { TableRow } from '../../domain/rows/table-header.ts'
import { readTable, type TextSource } from './read-table.ts'
import { createRowResolver, type RowCatalogues } from './resolve-row.ts'
import { ownText } from './row-lookup.ts'
import { answered, type CaseFigures, type RowPrediction, unanswered } from './row-prediction.ts'

export interface PredictRowsQuery extends RowCatalogues {
  chunks: TextSource
  /** A CasePredictor, refined or not. */
  predictor: { predict(one: ServingCase): CaseFigures }
  /** Told once of columns that are not read. */
  note(text: string): void
}

/** In batches as the text arrives. Throws invalid-input when it has no header of such a table. */
export async function* predictRows(query: PredictRowsQuery): AsyncGenerator<RowPrediction[]> {
  const predict = createRowPredictions(query)
  const repeated = createRepetitions()
  for await (const rows of readTable(query)) yield rows.map((row) => answerRow(row, repeated(row), predict))
}

function answerRow(
  { line, cells, problem }: TableRow,
  repeated: Reason | null,
  predict: (row: ServingRow) => RowPrediction,
): RowPrediction {
  const id = idOf(cells)
  if (problem) return unanswered(id, 'invalid', `Line ${line} ${problem}.`)
  const parsed = parseServingRow(cells, line)
  if ('row' in parsed && !repeated) return predict(parsed.row)
  const problems = [...(repeated ? [repeated] : []), ...('problems' in parsed ? parsed.problems : [])]
  const status = problems.every(({ code }) => code === 'unknown-engine') ? 'unsupported' : 'invalid'
  return unanswered(id, status, problems.map(({ message }) => message).join(' '))
}

function createRowPredictions(query: PredictRowsQuery): (row: ServingRow) => RowPrediction {
  const resolve = createRowResolver(query)
  return (row) => {
    const found = resolve(row)
    return found.status === 'ok'
      ? answered(row.row_id, query.predictor.predict(found.case), found.readAs)
      : unanswered(row.row_id, found.status, found.reason)
  }
}

const idOf = (cells: TableRow['cells']): string => cells.row_id?.trim() ?? ''

/** A row's id must be its own: answers are told apart by it. */
function createRepetitions(): (row: TableRow) => Reason | null {
  const lineOf = new Map<string, number>()
  return ({ line, cells }) => {
    const id = idOf(cells)
    const before = lineOf.get(id)
    if (id !== '' && before === undefined) lineOf.set(ownText(id), line)
    if (before === undefined) return null
    const message = `Line ${line}, column row_id: ${quoted(id)} is already the row of line ${before}.`
    return { code: 'repeated-row', message, path: 'row_id' }
  }
}
