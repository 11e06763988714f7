/** One model, or one version of it, looked up and described. */
import type { Principal } from '@bud/access'
import { conflict } from '@bud/kernel'
import { eq } from '@bud/platform/drizzle'
import type { Context } from './context.ts'
import { findReference, requireRegistered } from './find-reference.ts'
import { catalogueDetail, type ModelDetail, registeredDetail } from './model-detail.ts'
import { models } from './tables.ts'

/** By id, name or version reference; a registered model wins over a catalogue entry of the same name. */
export async function getModel(context: Context, principal: Principal, reference: string): Promise<ModelDetail> {
  const found = await findReference(context, principal.project_id, reference)
  return 'registered' in found
    ? registeredDetail(context, found.registered)
    : catalogueDetail(context, principal.project_id, found.entry)
}

export interface ModelChange {
  description?: string | null | undefined
  tags?: string[] | undefined
}

export async function updateModel(
  context: Context,
  principal: Principal,
  reference: string,
  { description, tags }: ModelChange,
): Promise<ModelDetail> {
  const { model } = await requireRegistered(context, principal.project_id, reference, (name) =>
    conflict(`"${name}" is a catalogue entry: register a model of your own to describe it.`),
  )
  const change = {
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags: [...new Set(tags)].sort() }),
  }
  if (Object.keys(change).length > 0) {
    await context.database.query.update(models).set(change).where(eq(models.id, model.id))
    context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
  }
  return getModel(context, principal, reference)
}
