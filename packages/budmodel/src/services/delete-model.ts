/** Deletes a model with its files, unless something still needs it. */
import type { Principal } from '@bud/access'
import { conflict } from '@bud/kernel'
import { eq } from '@bud/platform/drizzle'
import { versionPrefix } from '../domain/store-keys.ts'
import { type Context, nowOf } from './context.ts'
import { requireRegistered } from './get-model.ts'
import { models } from './tables.ts'
import { moveState } from './version-rows.ts'

/** States in which no flow works on the files. `archived`: a deletion that a crash cut short goes on. */
const DELETABLE = ['available', 'quarantined', 'scan-incomplete', 'failed', 'archived'] as const

export async function deleteModel(context: Context, principal: Principal, idOrName: string): Promise<void> {
  const { project_id } = principal
  const { model, version } = await requireRegistered(context, project_id, idOrName, (name) =>
    conflict(`"${name}" is a catalogue entry: it has no files and cannot be deleted.`),
  )
  const users = await context.usage.usedBy(project_id, model.id)
  if (users.length > 0) {
    const names = users.map(({ endpoint_name }) => `"${endpoint_name}"`).join(', ')
    throw conflict(
      `"${model.name}" is used by ${names}.`,
      users.map(({ endpoint_id, endpoint_name }) => ({
        code: 'model-in-use',
        message: `The endpoint "${endpoint_name}" (${endpoint_id}) uses it.`,
        next_step: `Delete the endpoint "${endpoint_name}" first.`,
      })),
    )
  }
  // From here on nothing can be deployed from it, so the files may go before the rows.
  const gone = {
    state: 'archived',
    state_since: nowOf(context),
    state_reasons: [
      {
        code: 'being-deleted',
        message: 'The model is being deleted.',
        next_step: 'If it stays like this, delete it once more.',
      },
    ],
  } as const
  const ref = { project_id, model_id: model.id, version_id: version.id }
  if (!(await moveState(context.database.query, ref, DELETABLE, { ...gone, state_reasons: [...gone.state_reasons] }))) {
    throw conflict(
      `"${model.name}" cannot be deleted while it is ${version.state}: wait for operation ${version.operation_id} to end.`,
    )
  }
  await context.store.deletePrefix(versionPrefix(model.id, version.id))
  await context.database.query.delete(models).where(eq(models.id, model.id))
  context.events.publish({ project_id, type: 'model.changed', id: model.id })
}
