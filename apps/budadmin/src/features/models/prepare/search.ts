/** What the addresses of the models' pages may say. Filters are called as the API calls them. */
import { ModelSort } from '@bud/contract'
import { amountOf, flagOf, integerOf, listOf, oneOf, type RawSearch, textOf, toList } from '../../../prepare/search.ts'

/** Filters of which several values may hold, separated by commas. */
export const severalFilters = ['architecture', 'size', 'licence', 'licence_class', 'modality', 'state', 'tag'] as const
/** Filters of which one value holds. */
export const singleFilters = ['origin', 'kind', 'measured_gpu', 'benchmark', 'fits_cluster'] as const
export const amountFilters = [
  'context_min',
  'active_parameters_min',
  'active_parameters_max',
  'output_tok_s_per_gpu_min',
  'ttft_ms_max',
  'score_min',
] as const

export type SeveralFilter = (typeof severalFilters)[number]
export type SingleFilter = (typeof singleFilters)[number]
export type AmountFilter = (typeof amountFilters)[number]

export type Filters = {
  search?: string | undefined
  origin?: 'catalogue' | 'registered' | undefined
  kind?: 'model' | 'adapter' | undefined
} & { [name in SeveralFilter | Exclude<SingleFilter, 'origin' | 'kind'>]?: string | undefined } & {
  [name in AmountFilter]?: number | undefined
}

export type ModelsSearch = Filters & {
  sort?: ModelSort | undefined
  /** Ids chosen for comparison, separated by commas. */
  compare?: string | undefined
  /** The registration dialog is open. */
  register?: true | undefined
}

export const MOST_COMPARED = 4

export function modelsSearch(raw: RawSearch): ModelsSearch {
  const several = Object.fromEntries(severalFilters.map((name) => [name, toList(listOf(textOf(raw[name])))]))
  const amounts = Object.fromEntries(
    amountFilters.map((name) => [name, amountOf(raw[name], name === 'score_min' ? Number.NEGATIVE_INFINITY : 0)]),
  )
  return {
    search: textOf(raw.search)?.slice(0, 200),
    ...several,
    origin: oneOf(raw.origin, ['catalogue', 'registered']),
    kind: oneOf(raw.kind, ['model', 'adapter']),
    measured_gpu: textOf(raw.measured_gpu),
    benchmark: textOf(raw.benchmark),
    fits_cluster: textOf(raw.fits_cluster),
    ...amounts,
    sort: oneOf(raw.sort, ModelSort.options),
    compare: comparedOf(raw.compare),
    register: flagOf(raw.register),
  }
}

export const modelTabs = ['overview', 'scan', 'files', 'versions', 'performance'] as const
export type ModelTab = (typeof modelTabs)[number]

export interface ModelSearch {
  /** Number of the version to look at; left out: the one the model shows by itself. */
  version?: number | undefined
  tab?: ModelTab | undefined
  /** Which files are listed. */
  file?: string | undefined
}

export const modelSearch = (raw: RawSearch): ModelSearch => ({
  version: integerOf(raw.version, 1, 999_999_999),
  tab: oneOf(raw.tab, modelTabs),
  file: textOf(raw.file)?.slice(0, 200),
})

export interface CompareSearch {
  models?: string | undefined
  /** Only rows in which the models differ. */
  differences?: true | undefined
}

export const compareSearch = (raw: RawSearch): CompareSearch => ({
  models: comparedOf(raw.models),
  differences: flagOf(raw.differences),
})

const comparedOf = (value: unknown): string | undefined => toList(listOf(textOf(value)).slice(0, MOST_COMPARED))
