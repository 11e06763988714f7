/** data/model-cards.csv: what is known of the catalogue's models beside their architecture, each fact with its source. */
import { parseCsv } from '@bud/budsim'
import { failed } from '@bud/kernel'
import { findLicence } from '../licences/well-known-licences.ts'
import type { CatalogueCard } from './catalogue.ts'
import { MODALITIES } from './modality.ts'

/** By model name. Throws `failed` for a row that names a licence or modality nobody knows: the file is committed. */
export function parseCatalogueCards(text: string): Map<string, CatalogueCard> {
  return new Map(parseCsv(text).map((row) => [row.model ?? '', toCard(row)]))
}

function toCard(row: Readonly<Record<string, string>>): CatalogueCard {
  const { model = '', licence: id = '', licence_source = '', context_length_source = '', released = '' } = row
  const licence = findLicence(id)
  if (id !== '' && !licence) throw failed(`model-cards.csv: there is no licence "${id}" (${model}).`)
  const modality = MODALITIES.find((one) => one === row.modality)
  if (!modality) throw failed(`model-cards.csv: there is no modality "${row.modality}" (${model}).`)
  return {
    licence: licence ? { licence, source: 'catalogue', evidence: licence_source, from: null } : null,
    modality,
    sources: [
      ...(licence_source === '' ? [] : [`Licence: ${licence_source}.`]),
      ...(context_length_source === '' ? [] : [`Context length: ${context_length_source}.`]),
      ...(released === '' ? [] : [`Released ${released}.`]),
    ],
  }
}
