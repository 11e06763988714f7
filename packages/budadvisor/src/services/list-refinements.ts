/** Versions as people see them: structurally the contract's Refinement. */
import type { RefinementRecord } from '../domain/records.ts'
import type { Caller, Context } from './context.ts'
import { listVersions } from './refinement-store.ts'

export interface RefinementDescription {
  number: number
  active: boolean
  predictor: string
  observations: number
  endpoint_ids: string[]
  observed_until: string
  created_at: string
  created_by: string
  reason: string
}

const MOST_LISTED = 100

/** Newest first. */
export async function listRefinements(context: Context, caller: Caller): Promise<RefinementDescription[]> {
  const versions = await listVersions(context.database.query, caller.project_id, MOST_LISTED)
  const active = context.active.get(caller.project_id)?.number
  return versions.map((version) => describeVersion(version, active))
}

export const describeVersion = (version: RefinementRecord, active: number | undefined): RefinementDescription => ({
  number: version.number,
  active: version.number === active,
  predictor: version.predictor,
  observations: version.observations.reduce((sum, { count = 1 }) => sum + count, 0),
  endpoint_ids: version.endpoint_ids,
  observed_until: version.observed_until,
  created_at: version.created_at,
  created_by: version.created_by,
  reason: version.reason,
})
