import { api } from '../../../api.ts'

/** Models that a scan or an import has held back. */
export const heldModelsQuery = () =>
  api.models.list.queryOptions({
    input: { origin: 'registered', state: 'quarantined,scan-incomplete,failed', limit: 50 },
    staleTime: 30_000,
  })
