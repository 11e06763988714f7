import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { api } from '../../../api.ts'
import { toModelsInput } from '../prepare/filters.ts'
import type { ModelsSearch } from '../prepare/search.ts'

/** Page after page; while another filter is asked for, the last answer stays. */
export const modelsQuery = (search: ModelsSearch) =>
  infiniteQueryOptions(
    api.models.list.infiniteOptions({
      input: (cursor: string | undefined) => toModelsInput(search, cursor),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next_cursor ?? undefined,
      placeholderData: keepPreviousData,
    }),
  )
