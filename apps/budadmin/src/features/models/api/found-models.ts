import { keepPreviousData } from '@tanstack/react-query'
import { api } from '../../../api.ts'

const SHOWN = 30

/** What a picker offers: the best matches among the models that may be deployed. */
export const foundModelsQuery = (search: string) =>
  api.models.list.queryOptions({
    input: { kind: 'model', state: 'available', limit: SHOWN, ...(search ? { search } : {}) },
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
