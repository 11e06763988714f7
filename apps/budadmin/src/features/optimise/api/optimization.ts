import { api } from '../../../api.ts'

/** A search's result does not change; its approval may, and says so by an event. */
export const optimizationQuery = (id: string) =>
  api.optimizations.get.queryOptions({ input: { id }, staleTime: 60_000 })
