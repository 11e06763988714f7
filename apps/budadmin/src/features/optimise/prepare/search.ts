import { integerOf, type RawSearch, textOf } from '../../../prepare/search.ts'

export interface OptimiseSearch {
  model?: string | undefined
  cluster?: string | undefined
  /** Re-optimise this endpoint. */
  endpoint?: string | undefined
  /** Ask this search again, with changes. */
  from?: string | undefined
  /** Change it so that it holds: the remedy of one of its nearest misses. */
  miss?: number | undefined
  remedy?: number | undefined
}

export const optimiseSearch = (raw: RawSearch): OptimiseSearch => ({
  model: textOf(raw.model),
  cluster: textOf(raw.cluster),
  endpoint: textOf(raw.endpoint),
  from: textOf(raw.from),
  miss: integerOf(raw.miss, 0, 1000),
  remedy: integerOf(raw.remedy, 0, 1000),
})

export interface ResultSearch {
  /** Index into the candidates, or into the nearest misses when nothing holds the limits. */
  candidate?: number | undefined
  /** Index into the Pareto front, for a point that is no candidate. */
  point?: number | undefined
  endpoint?: string | undefined
}

export const resultSearch = (raw: RawSearch): ResultSearch => ({
  candidate: integerOf(raw.candidate, 0, 1000),
  point: integerOf(raw.point, 0, 1000),
  endpoint: textOf(raw.endpoint),
})
