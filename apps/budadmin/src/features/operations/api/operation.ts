import { skipToken } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/** Kept fresh by the project's events; polled as well while it runs, so that a lost stream hides nothing. */
export const operationQuery = (id: string | null | undefined) =>
  api.operations.get.queryOptions({
    input: id ? { id } : skipToken,
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 3_000 : false),
  })
