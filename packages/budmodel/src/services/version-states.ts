/** What a person changes about a version: which one an alias means, and whether it may still be deployed. */
import type { Principal } from '@bud/access'
import { conflict, type Reason } from '@bud/kernel'
import { and, eq } from '@bud/platform/drizzle'
import type { VersionAlias } from '../domain/versions.ts'
import { type Context, nameOf, nowOf } from './context.ts'
import { refuseAliased, refuseUsed } from './delete-model.ts'
import { requireModel, requireRegistered } from './find-reference.ts'
import { judgedState } from './judge-version.ts'
import { aliases, models } from './tables.ts'
import { findVersionOf, listVersions, moveState, refOf, refreshShown } from './version-rows.ts'

const ARCHIVABLE = ['available', 'quarantined', 'scan-incomplete', 'failed'] as const

const noCatalogue = (name: string) => conflict(`"${name}" is a catalogue entry: it has no versions.`)

/** Only a version that may be deployed can be staging or production. */
export async function setAlias(
  context: Context,
  principal: Principal,
  { id, alias, version: number }: { id: string; alias: VersionAlias; version: number },
): Promise<void> {
  const model = await requireModel(context, principal.project_id, id, noCatalogue)
  await context.database.transact(async (tx) => {
    await tx.select().from(models).where(eq(models.id, model.id)).for('update')
    const found = await findVersionOf(tx, model.id, { number })
    if (!found) throw conflict(`"${model.name}" has no version ${number}.`)
    const { state, state_reasons } = found.version
    if (state !== 'available') {
      const message = `Version ${number} of "${model.name}" is ${state}: only an available version can be ${alias}.`
      throw conflict(message, state_reasons)
    }
    const row = { version_id: found.version.id, set_by: nameOf(principal), set_at: nowOf(context) }
    await tx
      .insert(aliases)
      .values({ model_id: model.id, alias, project_id: model.project_id, ...row })
      .onConflictDoUpdate({ target: [aliases.model_id, aliases.alias], set: row })
    await refreshShown(tx, model.id)
  })
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
}

/** Idempotent. */
export async function removeAlias(
  context: Context,
  principal: Principal,
  { id, alias }: { id: string; alias: VersionAlias },
): Promise<void> {
  const model = await requireModel(context, principal.project_id, id, noCatalogue)
  await context.database.transact(async (tx) => {
    await tx.delete(aliases).where(and(eq(aliases.model_id, model.id), eq(aliases.alias, alias)))
    await refreshShown(tx, model.id)
  })
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
}

/** Kept with its files, never deployed. Refused while an endpoint runs it or an alias means it. Answers its id. */
export async function archiveVersion(context: Context, principal: Principal, reference: string): Promise<string> {
  const registered = await requireRegistered(context, principal.project_id, reference, noCatalogue)
  const { model, version } = registered
  if (version.state === 'archived') return version.id
  const listed = (await listVersions(context.database.query, model.id)).find(({ id }) => id === version.id)
  if (listed) refuseAliased(model, listed)
  await refuseUsed(context, model, [version])
  const by: Reason = {
    code: 'archived',
    message: `Archived by ${nameOf(principal)}.`,
    next_step: 'Restore it to deploy it.',
  }
  const to = { state: 'archived' as const, state_since: nowOf(context), state_reasons: [by] }
  await context.database.transact(async (tx) => {
    if (await moveState(tx, refOf(registered), ARCHIVABLE, to)) return
    throw conflict(
      `Version ${version.number} of "${model.name}" cannot be archived now: wait for operation ${version.operation_id} to end.`,
    )
  })
  try {
    await refuseUsed(context, model, [version])
  } catch (error) {
    await moveState(context.database.query, refOf(registered), ['archived'], version)
    throw error
  }
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
  return version.id
}

/** Back to what its last scan says, by the policy as it is now. */
export async function restoreVersion(context: Context, principal: Principal, reference: string): Promise<string> {
  const registered = await requireRegistered(context, principal.project_id, reference, noCatalogue)
  const { model, version } = registered
  if (version.state !== 'archived') {
    throw conflict(`Version ${version.number} of "${model.name}" is not archived but ${version.state}.`)
  }
  const { state, reasons } = await judgedState(context, registered)
  const to = { state, state_since: nowOf(context), state_reasons: reasons }
  await context.database.transact((tx) => moveState(tx, refOf(registered), ['archived'], to))
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
  return version.id
}
