import { infiniteQueryOptions } from '@tanstack/react-query'
import { api } from '../../../api.ts'
import { toModelsInput } from '../prepare/filters.ts'
import type { ModelsSearch } from '../prepare/search.ts'

/** Page after page; one page holds all models of an ordinary registry. */
export const modelsQuery = (search: ModelsSearch) =>
  infiniteQueryOptions(
    api.models.list.infiniteOptions({
      input: (cursor: string | undefined) => ({ ...toModelsInput(search), ...(cursor ? { cursor } : {}) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next_cursor ?? undefined,
    }),
  )
