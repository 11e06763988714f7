/** A CSV text that arrives in pieces as rows of the columns asked for, in batches: memory stays flat whatever its length. */
import { invalidInput } from '@bud/kernel'
import { type CsvRecord, createCsvReader } from '../../domain/csv.ts'
import { SERVING_COLUMNS } from '../../domain/rows/serving-row.ts'
import { parseTableHeader, type TableHeader, type TableRow, toTableRow } from '../../domain/rows/table-header.ts'

export type TextSource = AsyncIterable<string> | Iterable<string>

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
    return rows.map((record) => toTableRow(record, known, read))
  }
  for await (const chunk of chunks) {
    const records = reader.push(chunk)
    if (records.length > 0) yield toRows(records)
  }
  const last = reader.end()
  if (last.length > 0) yield toRows(last)
  if (!header) throw invalidInput('The table is empty: not even a first line that names its columns.')
}
