/** Raw rows of the committed reference tables, for tests that hold the code to published figures. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCsv } from '../domain/csv.ts'

export const readReferenceRows = (name: 'models.csv' | 'gpus.csv'): Record<string, string>[] =>
  parseCsv(readFileSync(join(import.meta.dirname, '../../../../data', name), 'utf8'))
