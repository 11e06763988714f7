import { skipToken } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/** A search's result does not change; its approval may, and says so by an event. Without an id nothing is asked. */
export const optimizationQuery = (id: string | undefined) =>
  api.optimizations.get.queryOptions({ input: id === undefined ? skipToken : { id }, staleTime: 60_000 })
