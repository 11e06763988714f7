/** The committed measured rows, and the digests that say what a model was trained with. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCsv } from '../domain/csv.ts'
import { type MeasuredRow, parseMeasuredRow } from '../domain/rows/measured-row.ts'

const COMMITTED_FOLDER = join(import.meta.dirname, '../../../../data')

export function loadMeasurements(path: string = join(COMMITTED_FOLDER, 'measurements.csv')): MeasuredRow[] {
  return parseCsv(readFileSync(path, 'utf8')).flatMap((cells, i) => {
    const parsed = parseMeasuredRow(cells, i + 2)
    return 'measured' in parsed ? [parsed.measured] : []
  })
}

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
