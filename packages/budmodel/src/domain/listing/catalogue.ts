/** Well-known architectures without files: something to plan for before anything is registered. */
import { createHash } from 'node:crypto'
import { idFromBytes, type ModelFacts, type ModelVersionState } from '@bud/kernel'

export interface CatalogueModel {
  name: string
  facts: ModelFacts
  source: string
}

export interface CatalogueEntry extends CatalogueModel {
  model_id: string
  version_id: string
}

/** Sorted by name. Ids follow from names, so they stay the same wherever and whenever the catalogue is read. */
export function toCatalogue(catalogue: readonly CatalogueModel[]): CatalogueEntry[] {
  return catalogue
    .map((entry) => {
      const bytes = createHash('sha256').update(entry.name).digest()
      return { ...entry, model_id: idFromBytes('model', bytes), version_id: idFromBytes('mver', bytes) }
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

export interface ModelFilter {
  search?: string | undefined
  /** A prefix, so that "qwen" finds qwen2 and qwen3. */
  architecture?: string | undefined
  parameters_min?: number | undefined
  parameters_max?: number | undefined
}

/** The same rules as the registry's SQL. */
export function matchesFilter({ name, facts }: CatalogueModel, filter: ModelFilter): boolean {
  const text = `${name} ${facts.architecture}`.toLowerCase()
  return (
    searchWords(filter.search).every((word) => text.includes(word)) &&
    facts.architecture.toLowerCase().startsWith(filter.architecture?.trim().toLowerCase() ?? '') &&
    facts.parameter_count >= (filter.parameters_min ?? 0) &&
    facts.parameter_count <= (filter.parameters_max ?? Number.POSITIVE_INFINITY)
  )
}

export const searchWords = (search: string | undefined): string[] =>
  (search ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
