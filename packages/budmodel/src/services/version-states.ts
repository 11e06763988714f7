/** What a person changes about a version: which one an alias means, and whether it may still be deployed. */
import type { Principal } from '@bud/access'
import { conflict, type Reason } from '@bud/kernel'
import { and, eq } from '@bud/platform/drizzle'
import { versionPrefix } from '../domain/store-keys.ts'
import type { VersionAlias } from '../domain/versions.ts'
import { type Context, nameOf, nowOf } from './context.ts'
import { refuseAliased, refuseUsed } from './delete-model.ts'
import { requireModel, requireRegistered } from './find-reference.ts'
import { judgedState } from './judge-version.ts'
import { aliases, models } from './tables.ts'
import {
  findVersionOf,
  listVersions,
  moveState,
  type Registered,
  readManifestFiles,
  refOf,
  refreshShown,
} from './version-rows.ts'

const ARCHIVABLE = ['available', 'quarantined', 'scan-incomplete'] as const

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
  if (version.state === 'archived' && !version.deleting) return version.id
  const listed = (await listVersions(context.database.query, model.id)).find(({ id }) => id === version.id)
  if (listed) refuseAliased(model, listed)
  await refuseUsed(context, model, [version])
  const message = `Archived by ${nameOf(principal)}.`
  const by: Reason = { code: 'archived', message, next_step: 'Restore it to deploy it.' }
  const to = { state: 'archived' as const, state_since: nowOf(context), state_reasons: [by] }
  await context.database.transact(async (tx) => {
    if (await moveState(tx, refOf(registered), ARCHIVABLE, to)) return
    const doing = version.rescanning ? 'being scanned' : version.state
    throw conflict(`Version ${version.number} of "${model.name}" cannot be archived: it is ${doing}.`)
  })
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
  return version.id
}

/** Back to what its last scan says, by the policy as it is now; refused when its files are no longer all there. */
export async function restoreVersion(context: Context, principal: Principal, reference: string): Promise<string> {
  const registered = await requireRegistered(context, principal.project_id, reference, noCatalogue)
  const { model, version } = registered
  const what = `Version ${version.number} of "${model.name}"`
  if (version.deleting) throw conflict(`${what} is being deleted.`)
  if (version.state !== 'archived') throw conflict(`${what} is not archived but ${version.state}.`)
  const missing = await missingInStore(context, registered)
  if (missing.length > 0) {
    throw conflict(
      `${what} cannot be restored: ${missing.length} of its files are no longer in the store.`,
      missing.slice(0, 20).map((path) => ({ code: 'file-missing', message: `${path} is not there.`, path })),
    )
  }
  const { state, reasons } = await judgedState(context, registered)
  const to = { state, state_since: nowOf(context), state_reasons: reasons }
  const moved = await context.database.transact((tx) => moveState(tx, refOf(registered), ['archived'], to))
  if (!moved) throw conflict(`${what} cannot be restored now. Look at it again.`)
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
  return version.id
}

async function missingInStore({ store, database }: Context, { model, version }: Registered): Promise<string[]> {
  const prefix = versionPrefix(model.id, version.id)
  const stored = new Map<string, number>()
  for await (const { key, bytes } of store.list(prefix)) stored.set(key.slice(prefix.length + 1), bytes)
  const manifest = await readManifestFiles(database.query, version.id)
  return manifest.filter(({ path, bytes }) => stored.get(path) !== bytes).map(({ path }) => path)
}
