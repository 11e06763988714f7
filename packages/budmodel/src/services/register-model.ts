/** `POST /models`: checks what can be checked at once, then hands over to the durable import. */
import type { Principal } from '@bud/access'
import { conflict } from '@bud/kernel'
import {
  type Acceptance,
  type AcceptedModel,
  checkSource,
  insertVersion,
  type NewVersion,
  planAcceptance,
} from './accept-version.ts'
import { type Context, nameOf, nowOf } from './context.ts'
import { type ModelFlow, startFlow } from './flow-starts.ts'
import { models } from './tables.ts'
import { findModel, findVersion } from './version-rows.ts'

export interface RegisterModel extends NewVersion {
  name: string
}

/** Answers when the registration is durable; the import goes on by itself, also after a crash. */
export async function registerModel(
  context: Context,
  flow: ModelFlow,
  principal: Principal,
  input: RegisterModel,
): Promise<AcceptedModel> {
  await refuseTakenName(context, principal.project_id, input.name)
  await checkSource(context, principal.project_id, input.source_path)
  const acceptance = planAcceptance(context, principal.project_id, undefined)
  const inserted = await insert(context, principal, input, acceptance)
  if (!inserted) await refuseTakenName(context, principal.project_id, input.name)
  const { ref, operation_id } = acceptance
  context.events.publish({ project_id: ref.project_id, type: 'model.changed', id: ref.model_id })
  await startFlow(context, flow, operation_id, ref)
  return { id: ref.model_id, operation_id }
}

/** False when the name was taken a moment ago. */
async function insert(
  context: Context,
  principal: Principal,
  { name, ...input }: RegisterModel,
  acceptance: Acceptance,
): Promise<boolean> {
  const { project_id, model_id, version_id } = acceptance.ref
  return context.database.transact(async (tx) => {
    const inserted = await tx
      .insert(models)
      .values({
        id: model_id,
        project_id,
        name,
        shown_version_id: version_id,
        registered_by: nameOf(principal),
        created_at: nowOf(context),
      })
      .onConflictDoNothing()
      .returning({ id: models.id })
    if (inserted.length === 0) return false
    await insertVersion(context, tx, principal, acceptance, { name, number: 1, input })
    return true
  })
}

async function refuseTakenName({ database }: Context, projectId: string, name: string): Promise<void> {
  const model = await findModel(database.query, projectId, name)
  if (!model) return
  const shown = await findVersion(database.query, model.shown_version_id)
  throw conflict(`A model named "${name}" is registered already (${model.id}, ${shown?.version.state ?? 'empty'}).`, [
    {
      code: 'name-taken',
      message: `${model.id} was registered by ${model.registered_by} on ${model.created_at.slice(0, 10)}.`,
      path: 'name',
      next_step: 'Choose another name, or add a version to that model: POST /models/{id}/versions.',
    },
  ])
}
