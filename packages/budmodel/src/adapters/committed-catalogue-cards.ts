/** The committed file behind the catalogue's licences and modalities. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CatalogueCard } from '../domain/listing/catalogue.ts'
import { parseCatalogueCards } from '../domain/listing/catalogue-cards.ts'

const COMMITTED_FILE = join(import.meta.dirname, '../../../../data/model-cards.csv')

export const loadCatalogueCards = (file: string = COMMITTED_FILE): ReadonlyMap<string, CatalogueCard> =>
  parseCatalogueCards(readFileSync(file, 'utf8'))
