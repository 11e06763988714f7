import { skipToken } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/** Polled slowly besides the events, so that a lost stream hides nothing for long. */
export const endpointQuery = (id: string | undefined) =>
  api.endpoints.get.queryOptions({ input: id ? { id } : skipToken, refetchInterval: 15_000 })
