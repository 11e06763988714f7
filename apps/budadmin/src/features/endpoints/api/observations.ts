import { api } from '../../../api.ts'

const SHOWN = 8

/** Windows come every few minutes. */
export const observationsQuery = (id: string) =>
  api.endpoints.observations.queryOptions({ input: { id, limit: SHOWN }, refetchInterval: 60_000 })
