/** The committed measured rows, and the digests that say what a model was trained with. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BudError, failed, invalidInput, messageOf, type Reason } from '@bud/kernel'
import { createCsvReader } from '../domain/csv.ts'
import { type MeasuredRow, parseMeasuredRow } from '../domain/rows/measured-row.ts'
import { parseTableHeader, type TableHeader, toTableRow } from '../domain/rows/table-header.ts'

const COMMITTED_FOLDER = join(import.meta.dirname, '../../../../data')

export interface Measurements {
  rows: MeasuredRow[]
  /** Of rows that cannot be read, named by line and column. */
  problems: Reason[]
}

/** Throws `failed` when the file cannot be read, `invalid-input` when it is no such table, both naming it. Default: the committed rows. */
export function loadMeasurements(path: string = join(COMMITTED_FOLDER, 'measurements.csv')): Measurements {
  const reader = createCsvReader()
  const [first, ...records] = [...reader.push(read(path)), ...reader.end()]
  const header = headerOf(path, first?.fields ?? [])
  const columns = [...header.columns.keys()]
  const rows: MeasuredRow[] = []
  const problems: Reason[] = []
  for (const record of records) {
    const { line, cells, problem } = toTableRow(record, header, columns)
    if (problem !== null) {
      problems.push({ code: 'invalid-line', message: `Line ${line} ${problem}.` })
      continue
    }
    const parsed = parseMeasuredRow(cells, line)
    if ('measured' in parsed) rows.push(parsed.measured)
    else problems.push(...parsed.problems)
  }
  return { rows, problems }
}

function headerOf(path: string, fields: readonly string[]): TableHeader {
  try {
    return parseTableHeader(fields)
  } catch (error) {
    const reasons = error instanceof BudError ? error.reasons : []
    throw invalidInput(`Measured rows in ${path} cannot be read: ${messageOf(error)}`, reasons)
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw failed(`Measured rows in ${path} cannot be read: ${messageOf(error)}.`, [], error)
  }
}

/** Where `bud sim evaluate` writes its table. */
export const saveErrors = (report: string, path: string = join(COMMITTED_FOLDER, 'ERRORS.md')): void =>
  writeFileSync(path, report)

export function trainingDigests(folder: string = COMMITTED_FOLDER): { rows_sha256: string; kernels_sha256: string } {
  const kernels = join(folder, 'kernels')
  return {
    rows_sha256: digestOf([join(folder, 'measurements.csv'), join(folder, 'models.csv'), join(folder, 'gpus.csv')]),
    kernels_sha256: digestOf(
      readdirSync(kernels)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(kernels, name)),
    ),
  }
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(readFileSync(path))
  return hash.digest('hex')
}
