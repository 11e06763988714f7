/** `POST /models/{id}/versions`: the next version of a model; those before it stay as they are. */
import type { Principal } from '@bud/access'
import { conflict, notFound } from '@bud/kernel'
import { eq, max } from '@bud/platform/drizzle'
import { type AcceptedModel, checkSource, insertVersion, type NewVersion, planAcceptance } from './accept-version.ts'
import type { Context } from './context.ts'
import { requireModel } from './find-reference.ts'
import { type ModelFlow, startFlow } from './flow-starts.ts'
import { models, versions } from './tables.ts'
import { refreshShown } from './version-rows.ts'

/** Answers when the version is durable; the import goes on by itself, also after a crash. */
export async function addVersion(
  context: Context,
  flow: ModelFlow,
  principal: Principal,
  idOrName: string,
  input: NewVersion,
): Promise<AcceptedModel> {
  const { project_id } = principal
  const model = await requireModel(context, project_id, idOrName, (name) =>
    conflict(`"${name}" is a catalogue entry: it has no versions. Register a model with POST /models.`),
  )
  await checkSource(context, project_id, input.source_path)
  const acceptance = planAcceptance(context, project_id, model.id)
  await context.database.transact(async (tx) => {
    // One at a time, so that numbers are counted up.
    const [locked] = await tx.select().from(models).where(eq(models.id, model.id)).for('update')
    if (!locked) throw notFound('model', idOrName, 'It was deleted a moment ago.')
    const [last] = await tx
      .select({ number: max(versions.number) })
      .from(versions)
      .where(eq(versions.model_id, model.id))
    const number = (last?.number ?? 0) + 1
    await insertVersion(context, tx, principal, acceptance, { name: model.name, number, input })
    await refreshShown(tx, model.id)
  })
  const { ref, operation_id } = acceptance
  context.events.publish({ project_id, type: 'model.changed', id: model.id })
  await startFlow(context, flow, operation_id, ref)
  return { id: model.id, operation_id }
}
