/** The committed reference data: GPU and model catalogues and the price book, read once at start. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failed, type GpuSpec, messageOf } from '@bud/kernel'
import { parse as parseYaml } from 'yaml'
import { type CatalogueModel, toCatalogueModel, toGpuSpec } from '../domain/catalogue-rows.ts'
import { parseCsv } from '../domain/csv.ts'
import { PriceBook } from '../domain/price-book.ts'

export interface ReferenceData {
  gpus: GpuSpec[]
  models: CatalogueModel[]
  prices: PriceBook
}

const COMMITTED_FOLDER = join(import.meta.dirname, '../../../../data')

/** Throws `failed`, naming the file, when one is missing or does not parse. */
export function loadReferenceData(folder: string = COMMITTED_FOLDER): ReferenceData {
  return {
    gpus: read(folder, 'gpus.csv', (text) => parseCsv(text).map(toGpuSpec)),
    models: read(folder, 'models.csv', (text) => parseCsv(text).map(toCatalogueModel)),
    prices: read(folder, 'prices.yaml', (text) => PriceBook.parse(parseYaml(text))),
  }
}

function read<T>(folder: string, name: string, parse: (text: string) => T): T {
  const path = join(folder, name)
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw failed(`Reference data ${path} cannot be used: ${messageOf(error)}`, [], error)
  }
}
