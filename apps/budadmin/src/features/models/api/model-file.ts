import { skipToken } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/** One file of a version, found by its path among those that contain it. */
export const modelFileQuery = (id: string, path: string | undefined) =>
  api.models.files.queryOptions({
    input: path === undefined ? skipToken : { id, search: path.slice(0, 200), limit: 1000 },
    select: (page) => page.items.find((file) => file.path === path),
  })
