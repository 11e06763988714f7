import { api } from '../../../api.ts'

export const alertsQuery = () => api.alerts.list.queryOptions({ input: { limit: 200 }, refetchInterval: 15_000 })
