import { api } from '../../../api.ts'

/** How many models have been registered: its total is what counts. */
export const registeredCountQuery = () =>
  api.models.list.queryOptions({ input: { origin: 'registered', limit: 1 }, staleTime: 30_000 })
