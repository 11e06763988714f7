import { api } from '../../../api.ts'

export const endpointsQuery = () => api.endpoints.list.queryOptions({ refetchInterval: 15_000 })
