/** The first line of a table of rows: which columns it has, and what people should know of the others. */
import { invalidInput, type Reason } from '@bud/kernel'
import type { CsvRecord } from '../csv.ts'
import { createNearestNames, didYouMean, quoted } from '../nearest-names.ts'
import { REQUIRED_COLUMNS, SERVING_COLUMNS } from './serving-row.ts'

export interface TableHeader {
  /** Column name → index of its field. */
  columns: ReadonlyMap<string, number>
  width: number
  /** Columns that nothing reads, and what the name of one suggests. */
  notes: string[]
}

const SHOWN_COLUMNS = 8
/** Closer than this a name that is not read looks like a slip. */
const SLIP = 0.45

/** Throws invalid-input with every problem. */
export function parseTableHeader(fields: readonly string[]): TableHeader {
  const names = fields.map((name) => name.trim().toLowerCase())
  const columns = new Map(names.map((name, i) => [name, i] as const).reverse())
  const wanted: readonly string[] = SERVING_COLUMNS
  if (!wanted.some((name) => columns.has(name))) throw noTable(fields)
  const unread = names.filter((name) => name !== '' && !wanted.includes(name))
  const problems = [...missingColumns(columns, unread), ...repeatedColumns(names, wanted)]
  if (problems.length > 0) throw invalidInput(problems.map(({ message }) => message).join(' '), problems)
  return { columns, width: names.length, notes: notesOn(unread, columns) }
}

export interface TableRow {
  line: number
  cells: Record<string, string>
  /** Why the line cannot be read; its cells are then a guess. */
  problem: string | null
}

/** A record's cells of the named columns. */
export function toTableRow(
  { line, fields, problem }: CsvRecord,
  header: TableHeader,
  columns: readonly string[],
): TableRow {
  const cells = cellsOf(header, fields, columns)
  const tooMany = fields.length > header.width && fields.slice(header.width).some((field) => field !== '')
  const tooFew = columns.some((name) => (header.columns.get(name) ?? -1) >= fields.length)
  const wrongWidth = tooMany || tooFew ? `has ${fields.length} fields where the first line names ${header.width}` : null
  return { line, cells, problem: problem ?? wrongWidth }
}

function cellsOf(header: TableHeader, fields: readonly string[], columns: readonly string[]): Record<string, string> {
  const cells: Record<string, string> = {}
  for (const column of columns) cells[column] = fields[header.columns.get(column) ?? -1] ?? ''
  return cells
}

function noTable(fields: readonly string[]): Error {
  const text = fields.join(',')
  const separator = [';', '\t', '|'].find((one) => text.split(one).length > SHOWN_COLUMNS / 2)
  const why = text.includes('\0')
    ? 'It is not text.'
    : separator
      ? `Its fields are separated by ${quoted(separator)}, not by commas.`
      : `Its first line is ${quoted(text)}.`
  const message = `This is no table of rows: its first line names none of the columns. ${why}`
  return invalidInput(message, [{ code: 'no-table', message, next_step: `Name ${REQUIRED_COLUMNS.join(', ')} there.` }])
}

function missingColumns(columns: ReadonlyMap<string, number>, unread: readonly string[]): Reason[] {
  const nearest = createNearestNames(unread)
  return REQUIRED_COLUMNS.filter((name) => !columns.has(name)).map((name) => ({
    code: 'missing-column',
    message: `Column ${name} is missing.${didYouMean(nearest(name))}`,
    path: name,
  }))
}

const repeatedColumns = (names: readonly string[], wanted: readonly string[]): Reason[] =>
  wanted
    .filter((name) => names.indexOf(name) !== names.lastIndexOf(name))
    .map((name) => ({ code: 'repeated-column', message: `Column ${name} stands there twice.`, path: name }))

function notesOn(unread: readonly string[], columns: ReadonlyMap<string, number>): string[] {
  if (unread.length === 0) return []
  const shown = unread.slice(0, SHOWN_COLUMNS).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name))
  const more = unread.length > shown.length ? ` and ${unread.length - shown.length} more` : ''
  const absent = SERVING_COLUMNS.filter((name) => !columns.has(name))
  const nearest = createNearestNames(absent, { tooFar: SLIP })
  const slips = unread.flatMap((name) => {
    const meant = nearest(name)
    return meant.length > 0 ? [`Column ${quoted(name)} is not read.${didYouMean(meant)}`] : []
  })
  return [`Not read: column${unread.length === 1 ? '' : 's'} ${shown.join(', ')}${more}.`, ...slips]
}
