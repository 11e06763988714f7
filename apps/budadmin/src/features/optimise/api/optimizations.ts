import { api } from '../../../api.ts'

export const optimizationsQuery = () => api.optimizations.list.queryOptions({ input: { limit: 50 } })
