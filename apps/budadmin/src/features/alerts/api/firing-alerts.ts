import { api } from '../../../api.ts'

/** Polled slowly besides the events: an alert must not be missed for a lost stream. */
export const firingAlertsQuery = () =>
  api.alerts.list.queryOptions({ input: { state: 'firing', limit: 200 }, refetchInterval: 30_000 })
