/** What was accepted is worked on and comes to an end: flows that could not start are started, lost ends are made up for. */
import { failed, messageOf } from '@bud/kernel'
import type { Flow } from '@bud/platform'
import { eq, inArray, or } from '@bud/platform/drizzle'
import { concludeFailedImport, concludeFailedScan } from './conclude.ts'
import type { Context, VersionRef } from './context.ts'
import { versions } from './tables.ts'
import { findVersion, type VersionRow } from './version-rows.ts'

export type ModelFlow = Flow<VersionRef, unknown>

interface ModelFlows {
  importAndScan: ModelFlow
  rescan: ModelFlow
}

const UNFINISHED = ['importing', 'scanning'] as const

/** After the commit of what it works on, which is the promise: a start that fails is made up for and does not throw. */
export async function startFlow(
  context: Context,
  flow: ModelFlow,
  operationId: string,
  ref: VersionRef,
): Promise<void> {
  try {
    await context.flows.start(flow, operationId, ref)
    context.started.add(operationId)
  } catch (error) {
    context.log.warn({ err: error }, `Operation ${operationId} starts later: ${messageOf(error)}`)
  }
}

/** Every fault is logged and does not keep the other versions from being looked at. */
export async function resumeFlows(context: Context, flows: ModelFlows): Promise<void> {
  const unfinished = await context.database.query
    .select()
    .from(versions)
    .where(or(inArray(versions.state, [...UNFINISHED]), eq(versions.rescanning, true)))
  for (const version of unfinished) {
    await resumeVersion(context, flows, version).catch((err: unknown) =>
      context.log.warn({ err }, `Operation ${version.operation_id} could not be looked at: ${messageOf(err)}`),
    )
  }
  const known = new Set(unfinished.map(({ operation_id }) => operation_id))
  for (const id of context.started) if (!known.has(id)) context.started.delete(id)
}

/** Starting a flow that runs already joins it. */
async function resumeVersion(
  context: Context,
  { importAndScan, rescan }: ModelFlows,
  { project_id, model_id, id: version_id, operation_id }: VersionRow,
): Promise<void> {
  const ref = { project_id, model_id, version_id }
  const over = await context.flows.isOver(operation_id)
  if (!over && context.started.has(operation_id)) return
  const operation = await context.operations.find(project_id, operation_id)
  const flow = operation?.kind === rescan.name ? rescan : importAndScan
  if (!over) return startFlow(context, flow, operation_id, ref)
  if (!(await isLeftBehind(context, ref, operation_id))) return
  const error = await context.flows.result(operation_id).then(
    () => failed('The work has ended and left the model unfinished.'),
    (error: unknown) => error,
  )
  await (flow === rescan ? concludeFailedScan : concludeFailedImport)(context, operation_id, ref, error)
}

/** Asked after the flow was over: what it did in its last moments is seen, and nobody else changes these states. */
async function isLeftBehind(context: Context, { version_id }: VersionRef, operationId: string): Promise<boolean> {
  const version = (await findVersion(context.database.query, version_id))?.version
  if (version?.operation_id !== operationId) return false
  return version.rescanning || UNFINISHED.some((state) => state === version.state)
}
