import { integerOf, oneOf, type RawSearch } from '../../../prepare/search.ts'

export const endpointTabs = ['overview', 'chat', 'configuration', 'alerts', 'logs'] as const
export type EndpointTab = (typeof endpointTabs)[number]

export interface EndpointSearch {
  tab?: EndpointTab | undefined
  /** The charts' time range. */
  minutes?: number | undefined
}

export const endpointSearch = (raw: RawSearch): EndpointSearch => ({
  tab: oneOf(raw.tab, endpointTabs),
  minutes: integerOf(raw.minutes, 1, 10_080),
})
