/** From the filters in the URL to what the API is asked, and the order on the screen. */
import type { ModelSummary } from '@bud/contract'
import type { ModelsSearch, SizeName, SortName } from './search.ts'

interface SizeRange {
  label: string
  min?: number
  max?: number
}

export const sizeRanges: Record<SizeName, SizeRange> = {
  tiny: { label: 'Up to 4B', max: 4e9 },
  small: { label: '4B – 10B', min: 4e9, max: 10e9 },
  medium: { label: '10B – 40B', min: 10e9, max: 40e9 },
  large: { label: '40B – 100B', min: 40e9, max: 100e9 },
  huge: { label: 'Over 100B', min: 100e9 },
}

export const PAGE_SIZE = 200

export function toModelsInput(search: ModelsSearch) {
  const range = search.size ? sizeRanges[search.size] : undefined
  return {
    limit: PAGE_SIZE,
    ...(search.search ? { search: search.search } : {}),
    ...(search.architecture ? { architecture: search.architecture } : {}),
    ...(search.origin ? { origin: search.origin } : {}),
    ...(range?.min === undefined ? {} : { parameters_min: range.min }),
    ...(range?.max === undefined ? {} : { parameters_max: range.max }),
  }
}

export const hasFilters = (search: ModelsSearch): boolean =>
  Boolean(search.search || search.architecture || search.size || search.origin)

/** The distinct architectures, in alphabetical order. */
export const architecturesOf = (models: readonly ModelSummary[]): string[] =>
  [...new Set(models.map((model) => model.architecture))].sort((a, b) => a.localeCompare(b))

const compare: Record<SortName, (a: ModelSummary, b: ModelSummary) => number> = {
  name: (a, b) => a.name.localeCompare(b.name),
  size: (a, b) => (a.parameter_count ?? 0) - (b.parameter_count ?? 0),
  context: (a, b) => (b.context_length ?? 0) - (a.context_length ?? 0),
  newest: (a, b) => (b.created_at ?? '').localeCompare(a.created_at ?? ''),
}

/** Without a choice: what people registered first, newest on top, then the catalogue by name. */
export function sortModels(models: readonly ModelSummary[], sort: SortName | undefined): ModelSummary[] {
  const byName = compare.name
  if (sort) return [...models].sort((a, b) => compare[sort](a, b) || byName(a, b))
  const rank = (model: ModelSummary) => (model.origin === 'registered' ? 0 : 1)
  return [...models].sort((a, b) => rank(a) - rank(b) || compare.newest(a, b) || byName(a, b))
}
