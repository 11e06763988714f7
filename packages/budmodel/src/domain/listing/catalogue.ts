/** Well-known architectures without files: something to plan for before anything is registered. */
import { createHash } from 'node:crypto'
import { idFromBytes, type ModelFacts, type ModelVersionState } from '@bud/kernel'
import type { LicenceFinding } from '../licences/licence.ts'
import type { ModelModality } from './modality.ts'

export interface CatalogueModel {
  name: string
  facts: ModelFacts
  source: string
}

/** What is known of an entry beside its facts. */
export interface CatalogueCard {
  licence: LicenceFinding | null
  modality: ModelModality
  /** Where that comes from, one sentence each. */
  sources: string[]
}

export interface CatalogueEntry extends CatalogueModel, CatalogueCard {
  model_id: string
  version_id: string
  tags: string[]
}

/** `cards` by name. Sorted by name. Ids follow from names, so they stay the same wherever and whenever it is read. */
export function toCatalogue(
  catalogue: readonly CatalogueModel[],
  cards: ReadonlyMap<string, CatalogueCard>,
): CatalogueEntry[] {
  return catalogue
    .map((entry) => {
      const bytes = createHash('sha256').update(entry.name).digest()
      const { licence = null, modality = 'text', sources = [] } = cards.get(entry.name) ?? {}
      return {
        ...entry,
        licence,
        modality,
        sources: [...new Set([entry.source, ...sources])],
        tags: entry.facts.experts ? ['moe'] : [],
        model_id: idFromBytes('model', bytes),
        version_id: idFromBytes('mver', bytes),
      }
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

export const catalogueState = (since: string): ModelVersionState => ({
  name: 'available',
  since,
  reasons: [
    {
      code: 'architecture-only',
      message:
        'An architecture without files: it can be optimised for, and deployed where the cluster’s driver needs no files.',
      next_step: 'To run the real model, register its files.',
    },
  ],
})
