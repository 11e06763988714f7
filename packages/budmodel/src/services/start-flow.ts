/** What was accepted is worked on: now, or at the next `resume` when it cannot start now. */
import { messageOf } from '@bud/kernel'
import type { Flow } from '@bud/platform'
import { inArray } from '@bud/platform/drizzle'
import type { Context, VersionRef } from './context.ts'
import { versions } from './tables.ts'

export type ModelFlow = Flow<VersionRef, unknown>

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

/** Starting a flow that runs already joins it, so every unfinished version that this process has not started is. */
export async function resumeFlows(
  context: Context,
  flows: { importAndScan: ModelFlow; rescan: ModelFlow },
): Promise<void> {
  const unfinished = await context.database.query
    .select()
    .from(versions)
    .where(inArray(versions.state, ['importing', 'scanning']))
  for (const { project_id, model_id, id, operation_id } of unfinished) {
    if (context.started.has(operation_id)) continue
    const operation = await context.operations.find(project_id, operation_id)
    const flow = operation?.kind === flows.rescan.name ? flows.rescan : flows.importAndScan
    await startFlow(context, flow, operation_id, { project_id, model_id, version_id: id })
  }
  const known = new Set(unfinished.map(({ operation_id }) => operation_id))
  for (const id of context.started) if (!known.has(id)) context.started.delete(id)
}
