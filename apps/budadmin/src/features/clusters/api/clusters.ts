import { api } from '../../../api.ts'

export const clustersQuery = () => api.clusters.list.queryOptions()
