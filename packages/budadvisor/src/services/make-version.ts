/** A new version of a project's refinement, when what was observed is worth one. */
import { condensed, type Observation } from '@bud/budsim'
import { messageOf } from '@bud/kernel'
import { planVersion } from '../domain/plan-version.ts'
import type { DriftRecord, ObservationRecord, RefinementRecord } from '../domain/records.ts'
import { followsNewest, putInForce } from './activate.ts'
import { BY_ITSELF, type Context, isoNow } from './context.ts'
import { listDrifts, saveDrift } from './drift-store.ts'
import { listProjectObservations } from './observation-store.ts'
import { observeSubject } from './observe-subject.ts'
import { insertVersion, listVersions, pruneVersions } from './refinement-store.ts'

export interface VersionRequest {
  project_id: string
  /** For reasons that name an endpoint. */
  nameOf(endpointId: string): string
  /** Makes one for this reason whatever there is; left out: when it is worth it. */
  reason?: string
  by?: string
}

/** Of a drift, windows that show what it has become. */
const WINDOWS_SINCE = 6

export const makeVersion = (context: Context, request: VersionRequest): Promise<RefinementRecord | undefined> =>
  context.turns.run(request.project_id, () => makeVersionInTurn(context, request))

async function makeVersionInTurn(context: Context, request: VersionRequest): Promise<RefinementRecord | undefined> {
  const { project_id, nameOf, by = BY_ITSELF } = request
  const { query } = context.database
  const drifts = await listDrifts(query, project_id)
  const records = (await listProjectObservations(query, project_id)).filter((one) => isCurrent(one, drifts))
  const [latest] = await listVersions(query, project_id, 1)
  const taken = drifts.filter((drift) => isTakenIn(drift, records))
  const reason =
    request.reason ??
    planVersion({
      latest,
      predictor: context.predictor.id,
      evidence: records.map(({ endpoint_id, observed_at }) => ({
        endpoint_id,
        endpoint_name: endpoint_id === null ? '' : nameOf(endpoint_id),
        observed_at,
      })),
      drifted: taken.map(({ endpoint_id }) => nameOf(endpoint_id)),
    })
  const newest = records.at(-1)
  if (reason === undefined || !newest) return undefined
  const version: RefinementRecord = {
    project_id,
    number: (latest?.number ?? 0) + 1,
    predictor: context.predictor.id,
    observations: condensed(records.flatMap((one) => observationOf(context, one))),
    endpoint_ids: [...new Set(records.flatMap(({ endpoint_id }) => endpoint_id ?? []))],
    observed_until: newest.observed_at,
    created_at: isoNow(context),
    created_by: by,
    reason,
  }
  await insertVersion(query, version)
  for (const drift of taken) await saveDrift(query, absorbed(drift, version.created_at))
  if (await followsNewest(context, project_id)) await putInForce(context, version, { pinned: false, by })
  else context.events.publish({ project_id, type: 'refinement.changed', id: String(version.number) })
  await pruneVersions(query, project_id, version.number, context.active.get(project_id)?.number ?? null)
  return version
}

/** What an endpoint did before it shifted is no evidence of what it does; a shift counts once it has shown itself. */
function isCurrent({ endpoint_id, observed_at }: ObservationRecord, drifts: readonly DriftRecord[]): boolean {
  const drift = drifts.find((one) => one.endpoint_id === endpoint_id)
  return !drift || observed_at >= (drift.since ?? drift.history_from)
}

const isTakenIn = ({ drifting, since, endpoint_id }: DriftRecord, records: readonly ObservationRecord[]): boolean =>
  drifting &&
  records.filter((one) => one.endpoint_id === endpoint_id && one.observed_at >= (since ?? '')).length >= WINDOWS_SINCE

/** The shift is what is usual from now on. */
const absorbed = (drift: DriftRecord, now: string): DriftRecord => ({
  ...drift,
  history_from: drift.since ?? drift.history_from,
  drifting: false,
  changed_at: now,
})

/** As the predictor of today sees it; what it cannot say anything about is left out. */
function observationOf(context: Context, record: ObservationRecord): Observation[] {
  if (record.predictor === context.predictor.id) return [record.observation]
  const { project_id, subject, measured, observed_at } = record
  try {
    const observedAtMs = Date.parse(observed_at)
    return [observeSubject(context, project_id, subject, { measured, observedAtMs }).observation]
  } catch (error) {
    context.log.warn({ observation: record.id }, `Observation ${record.id} says nothing any more: ${messageOf(error)}`)
    return []
  }
}
