import { oneOf, type RawSearch } from '../../../prepare/search.ts'

export const alertStates = ['firing', 'pending', 'resolved'] as const
export type AlertState = (typeof alertStates)[number]

export interface AlertsSearch {
  state?: AlertState | undefined
}

export const alertsSearch = (raw: RawSearch): AlertsSearch => ({ state: oneOf(raw.state, alertStates) })
