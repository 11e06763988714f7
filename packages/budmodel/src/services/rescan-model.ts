/** `POST /models/{id}/scan`: reads every stored file again, by the rules as they are now. */
import type { Principal } from '@bud/access'
import { conflict, createId } from '@bud/kernel'
import { type Context, nameOf, nowOf } from './context.ts'
import { type ModelFlow, startFlow } from './flow-starts.ts'
import { requireRegistered } from './get-model.ts'
import { RESCAN_STEPS } from './operation-steps.ts'
import type { AcceptedModel } from './register-model.ts'
import { moveState } from './version-rows.ts'

const SCANNED = ['available', 'quarantined', 'scan-incomplete'] as const

export async function rescanModel(
  context: Context,
  flow: ModelFlow,
  principal: Principal,
  idOrName: string,
): Promise<AcceptedModel> {
  const { project_id } = principal
  const { model, version } = await requireRegistered(context, project_id, idOrName, (name) =>
    conflict(`"${name}" is a catalogue entry: it has no files that could be scanned.`),
  )
  const ref = { project_id, model_id: model.id, version_id: version.id }
  const operation_id = createId('op', context.clock.nowMs())
  const moved = await context.database.transact(async (tx) => {
    const started = await moveState(tx, ref, SCANNED, {
      state: 'scanning',
      state_since: nowOf(context),
      state_reasons: [],
      operation_id,
    })
    if (started) {
      await context.operations.create(
        {
          id: operation_id,
          project_id,
          kind: 'rescan-model',
          subject_id: model.id,
          created_by: nameOf(principal),
          steps: RESCAN_STEPS,
        },
        tx,
      )
    }
    return started
  })
  if (!moved)
    throw conflict(`"${model.name}" cannot be scanned now: it is ${version.state} (operation ${version.operation_id}).`)
  context.events.publish({ project_id, type: 'model.changed', id: model.id })
  await startFlow(context, flow, operation_id, ref)
  return { id: model.id, operation_id }
}
