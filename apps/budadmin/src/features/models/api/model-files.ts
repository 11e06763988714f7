import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/** Every file of a version, page after page. `id`: the version's. */
export const modelFilesQuery = (id: string, search: string | undefined) =>
  infiniteQueryOptions(
    api.models.files.infiniteOptions({
      input: (cursor: string | undefined) => ({
        id,
        limit: 100,
        ...(search ? { search } : {}),
        ...(cursor ? { cursor } : {}),
      }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next_cursor ?? undefined,
      placeholderData: keepPreviousData,
    }),
  )
