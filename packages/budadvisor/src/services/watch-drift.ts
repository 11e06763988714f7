/** Follows whether an endpoint still does what it used to do; says so once when it no longer does. */
import { driftOf } from '@bud/budsim'
import type { DriftRecord } from '../domain/records.ts'
import type { ServingEndpoint } from '../ports.ts'
import { type Context, isoNow, isoOf } from './context.ts'
import { findDrift, saveDrift } from './drift-store.ts'
import { listEndpointObservations } from './observation-store.ts'

/** A day of windows. */
const MOST_WINDOWS = 300

/** Another configuration is another history. */
export async function watchDrift(context: Context, endpoint: ServingEndpoint): Promise<void> {
  const { query } = context.database
  const before = await findDrift(query, endpoint.endpoint_id)
  const known = before?.revision === endpoint.revision ? before : undefined
  const newest = await listEndpointObservations(query, endpoint.endpoint_id, MOST_WINDOWS)
  const windows = newest
    .reverse()
    .filter((one) => one.revision === endpoint.revision && one.predictor === context.predictor.id)
    .filter(({ observed_at }) => observed_at >= (known?.history_from ?? ''))
  const [first] = windows
  if (!first) return
  const drift = driftOf(windows.map(({ observation }) => observation))
  const after: DriftRecord = {
    endpoint_id: endpoint.endpoint_id,
    project_id: endpoint.project_id,
    revision: endpoint.revision,
    history_from: known?.history_from ?? first.observed_at,
    drifting: drift.drifting,
    target: drift.drifting ? drift.target : null,
    since: drift.sinceMs === null ? null : isoOf(drift.sinceMs),
    from_ratio: drift.drifting && drift.from !== null ? Math.exp(drift.from) : null,
    to_ratio: drift.to === null ? null : Math.exp(drift.to),
    changed_at: known && known.drifting === drift.drifting ? known.changed_at : isoNow(context),
  }
  await saveDrift(query, after)
  if (drift.drifting && !known?.drifting) {
    const percent = Math.round(((after.to_ratio ?? 1) / (after.from_ratio ?? 1) - 1) * 100)
    context.log.warn(
      { endpoint_id: endpoint.endpoint_id },
      `Endpoint "${endpoint.name}": ${after.target === 'tpot' ? 'time per output token' : 'time to first token'} has shifted by ${percent} % since ${after.since}.`,
    )
    context.events.publish({ project_id: endpoint.project_id, type: 'endpoint.changed', id: endpoint.endpoint_id })
  }
}
