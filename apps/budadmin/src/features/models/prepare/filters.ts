/** From the filters in the URL to what the API is asked, and to the words that say which are on. */
import type { ListModels } from '@bud/contract'
import type { z } from 'zod'
import { formatCount, formatFigure, formatMs, formatTokens } from '../../../prepare/format.ts'
import { listOf, toList } from '../../../prepare/search.ts'
import { facetLabel } from './facet-labels.ts'
import {
  type AmountFilter,
  amountFilters,
  type Filters,
  type ModelsSearch,
  severalFilters,
  singleFilters,
} from './search.ts'

type ListModelsInput = z.input<typeof ListModels>

const PAGE_SIZE = 50
const filterNames = ['search', ...severalFilters, ...singleFilters, ...amountFilters] as const

/** One page of the list; facets are counted once, with the first. */
export function toModelsInput(search: ModelsSearch, cursor: string | undefined): ListModelsInput {
  const filters = Object.fromEntries(
    filterNames.map((name) => [name, search[name]]).filter(([, value]) => value !== undefined),
  )
  return {
    limit: PAGE_SIZE,
    ...filters,
    ...(search.sort ? { sort: search.sort } : {}),
    ...(cursor ? { cursor } : { facets: 'true' }),
  }
}

export const hasFilters = (search: Filters): boolean => filterNames.some((name) => search[name] !== undefined)

/** Everything off; sort and choice stay. */
export const withoutFilters = (search: ModelsSearch): ModelsSearch => ({
  ...search,
  ...Object.fromEntries(filterNames.map((name) => [name, undefined])),
})

/** One value of one filter that is on, and what the URL becomes without it. */
export interface AppliedFilter {
  key: string
  label: string
  without: Partial<ModelsSearch>
}

export function appliedFilters(search: Filters): AppliedFilter[] {
  const several = severalFilters.flatMap((name) => {
    const values = listOf(search[name])
    return values.map((value) => ({
      key: `${name}:${value}`,
      label: facetLabel(name, value),
      without: { [name]: toList(values.filter((one) => one !== value)) },
    }))
  })
  const single = singleFilters.flatMap((name) => {
    const value = search[name]
    return value === undefined
      ? []
      : [{ key: name, label: facetLabel(name, value), without: { [name]: undefined, ...leaving(name) } }]
  })
  const amounts = amountFilters.flatMap((name) => {
    const value = search[name]
    return value === undefined ? [] : [{ key: name, label: amountTexts[name](value), without: { [name]: undefined } }]
  })
  return [...several, ...single, ...amounts]
}

/** A score means nothing without its benchmark. */
const leaving = (name: string): Partial<ModelsSearch> => (name === 'benchmark' ? { score_min: undefined } : {})

const amountTexts: Record<AmountFilter, (value: number) => string> = {
  context_min: (value) => `context ≥ ${formatTokens(value)} tokens`,
  active_parameters_min: (value) => `active parameters ≥ ${formatCount(value)}`,
  active_parameters_max: (value) => `active parameters ≤ ${formatCount(value)}`,
  output_tok_s_per_gpu_min: (value) => `≥ ${formatFigure(value)} tokens/s per GPU`,
  ttft_ms_max: (value) => `first token ≤ ${formatMs(value)}`,
  score_min: (value) => `score ≥ ${formatFigure(value)}`,
}
