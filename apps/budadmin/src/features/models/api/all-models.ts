import { api } from '../../../api.ts'
import { PAGE_SIZE } from '../prepare/filters.ts'

/** For pickers and facets. */
export const allModelsQuery = () => api.models.list.queryOptions({ input: { limit: PAGE_SIZE }, staleTime: 30_000 })
