/** A CSV text that arrives in pieces as rows of the columns asked for, in batches: memory stays flat whatever its length. */
import { invalidInput } from '@bud/kernel'
import { type CsvRecord, createCsvReader } from '../../domain/csv.ts'
import { SERVING_COLUMNS } from '../../domain/rows/serving-row.ts'
import { cellsOf, parseTableHeader, type TableHeader } from '../../domain/rows/table-header.ts'

export type TextSource = AsyncIterable<string> | Iterable<string>

export interface TableRow {
  line: number
  cells: Record<string, string>
  /** Why the line cannot be read; its cells are then a guess. */
  problem: string | null
}

export interface TableQuery {
  chunks: TextSource
  /** What is read: what a prediction needs (default), or every column. */
  columns?: 'serving' | 'all'
  /** Told once of columns that are not read. */
  note(text: string): void
}

/** Throws invalid-input when the first line is not a header of such a table. */
export async function* readTable({ chunks, columns = 'serving', note }: TableQuery): AsyncGenerator<TableRow[]> {
  const reader = createCsvReader()
  let header: TableHeader | undefined
  const toRows = (records: CsvRecord[]): TableRow[] => {
    const rows = header ? records : records.slice(1)
    if (!header) {
      header = parseTableHeader(records[0]?.fields ?? [])
      if (columns === 'serving') header.notes.forEach(note)
    }
    const known = header
    const read = columns === 'all' ? [...known.columns.keys()] : SERVING_COLUMNS
    return rows.map((record) => toRow(record, known, read))
  }
  for await (const chunk of chunks) {
    const records = reader.push(chunk)
    if (records.length > 0) yield toRows(records)
  }
  const last = reader.end()
  if (last.length > 0) yield toRows(last)
  if (!header) throw invalidInput('The table is empty: not even a first line that names its columns.')
}

function toRow({ line, fields, problem }: CsvRecord, header: TableHeader, columns: readonly string[]): TableRow {
  const cells = cellsOf(header, fields, columns)
  const tooMany = fields.length > header.width && fields.slice(header.width).some((field) => field !== '')
  const tooFew = columns.some((name) => (header.columns.get(name) ?? -1) >= fields.length)
  const wrongWidth = tooMany || tooFew ? `has ${fields.length} fields where the first line names ${header.width}` : null
  return { line, cells, problem: problem ?? wrongWidth }
}
