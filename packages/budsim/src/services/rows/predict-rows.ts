/** Rows of a table → one answer each, in their order. What was measured is never read. */
import type { GpuSpec, ModelFacts, Reason } from '@bud/kernel'
import type { GpuCatalogue } from '../../domain/gpu-catalogue.ts'
import type { ModelCatalogue } from '../../domain/model-catalogue.ts'
import { quoted } from '../../domain/nearest-names.ts'
import type { ServingCase } from '../../domain/physics/serving-case.ts'
import { createRowCases } from '../../domain/rows/row-case.ts'
import { parseServingRow, type ServingRow } from '../../domain/rows/serving-row.ts'
import { readTable, type TableRow, type TextSource } from './read-table.ts'
import { createRowLookup, type Found, ownText } from './row-lookup.ts'
import { answered, type CaseFigures, type RowPrediction, unanswered } from './row-prediction.ts'

export interface PredictRowsQuery {
  chunks: TextSource
  /** A CasePredictor, refined or not. */
  predictor: { predict(one: ServingCase): CaseFigures }
  gpus: GpuCatalogue
  models: ModelCatalogue
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

function createRowPredictions({ predictor, gpus, models }: PredictRowsQuery): (row: ServingRow) => RowPrediction {
  const modelOf = createRowLookup((text) => {
    const { name, facts } = models.resolve(text)
    return { name, value: facts }
  })
  const gpuOf = createRowLookup((text) => {
    const [gpu] = gpus.resolve(text)
    if (!gpu) throw new Error(`No GPU type ${quoted(text)} in the catalogue.`)
    return { name: gpu.id, value: gpu }
  })
  const toCase = createRowCases()
  return (row) => {
    const [model, gpu] = [modelOf(row.model), gpuOf(row.gpu)]
    if ('problem' in model || 'problem' in gpu) {
      return unanswered(row.row_id, 'unsupported', unknownNames(row, model, gpu))
    }
    const found = toCase({ ...row, model: model.name, gpu: gpu.name }, model.value, gpu.value)
    return found.status === 'ok'
      ? answered(row.row_id, predictor.predict(found.case), takenFor(row, model, gpu))
      : unanswered(row.row_id, found.status, inCell(row.line, found.reason))
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

const inCell = (line: number, { path, message, next_step: next }: Omit<Reason, 'code'>): string =>
  `Line ${line}, column ${path}: ${message}${next ? ` ${next}` : ''}`

const unknownNames = ({ line }: ServingRow, model: Found<unknown>, gpu: Found<unknown>): string =>
  Object.entries({ model, gpu })
    .flatMap(([path, found]) => ('problem' in found ? [inCell(line, { path, message: found.problem })] : []))
    .join(' ')

function takenFor(
  row: ServingRow,
  model: { name: string; value: ModelFacts },
  gpu: { name: string; value: GpuSpec },
): string {
  const taken = [
    ...(model.name === row.model ? [] : [`model as ${model.name}`]),
    ...(gpu.name === row.gpu ? [] : [`gpu as ${gpu.name}`]),
  ]
  return taken.length === 0 ? '' : `Read ${taken.join(', ')}.`
}
