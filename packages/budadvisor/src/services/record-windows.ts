/** One round: what every endpoint served since the last one becomes an observation, then drift and versions follow. */
import { messageOf } from '@bud/kernel'
import { assessWindow } from '../domain/assess-window.ts'
import type { ObservationRecord } from '../domain/records.ts'
import type { ServingEndpoint } from '../ports.ts'
import { loadActive } from './activate.ts'
import { type Context, isoOf } from './context.ts'
import { makeVersion } from './make-version.ts'
import { insertObservations, newObservationId, pruneObservations } from './observation-store.ts'
import { observeSubject } from './observe-subject.ts'
import { watchDrift } from './watch-drift.ts'

export interface RecordedWindows {
  recorded: number
  /** Endpoints whose window says nothing, and why. */
  skipped: { endpoint_id: string; message: string }[]
}

/** An endpoint that fails is logged; the others go on. */
export async function recordWindows(context: Context): Promise<RecordedWindows> {
  await loadActive(context)
  const endpoints = await context.endpoints.list()
  const result: RecordedWindows = { recorded: 0, skipped: [] }
  for (const endpoint of endpoints) {
    try {
      const skipped = await recordWindow(context, endpoint)
      if (skipped === undefined) result.recorded++
      else result.skipped.push({ endpoint_id: endpoint.endpoint_id, message: skipped })
    } catch (error) {
      context.log.warn(
        { err: error, endpoint_id: endpoint.endpoint_id },
        `What "${endpoint.name}" served was not recorded: ${messageOf(error)}`,
      )
    }
  }
  const names = new Map(endpoints.map(({ endpoint_id, name }) => [endpoint_id, name]))
  for (const project_id of new Set(endpoints.map((endpoint) => endpoint.project_id))) {
    try {
      await makeVersion(context, { project_id, nameOf: (id) => names.get(id) ?? id })
    } catch (error) {
      context.log.warn({ err: error, project_id }, `No refinement was made of a project's windows: ${messageOf(error)}`)
    }
  }
  return result
}

/** Answers why it was skipped. */
async function recordWindow(context: Context, endpoint: ServingEndpoint): Promise<string | undefined> {
  const window = await context.windows.take(endpoint)
  if (!window) return 'Nothing was measured.'
  const verdict = assessWindow(window, {
    ...endpoint,
    replicas: endpoint.deployment.replicas,
    least_s: context.settings.least_window_s,
  })
  if (!verdict.use) return verdict.reason.message
  await insertObservations(context.database.query, [toRecord(context, endpoint, window, verdict)])
  await pruneObservations(context.database.query, endpoint.project_id, endpoint.endpoint_id)
  await watchDrift(context, endpoint)
  return undefined
}

function toRecord(
  context: Context,
  endpoint: ServingEndpoint,
  { from_ms, to_ms }: { from_ms: number; to_ms: number },
  { load, measured }: Extract<ReturnType<typeof assessWindow>, { use: true }>,
): ObservationRecord {
  const { project_id, endpoint_id, revision, facts, gpu, deployment, prefix_cache_share } = endpoint
  const subject = { kind: 'endpoint' as const, facts, gpu_type: gpu.id, deployment, prefix_cache_share, load }
  const { observation, predicted } = observeSubject(context, project_id, subject, { measured, observedAtMs: to_ms })
  return {
    id: newObservationId(to_ms),
    project_id,
    endpoint_id,
    revision,
    subject,
    measured,
    predicted,
    predictor: context.predictor.id,
    refinement: context.active.get(project_id)?.number ?? null,
    observation,
    started_at: isoOf(from_ms),
    observed_at: isoOf(to_ms),
  }
}
