/** Deletes a model, or one version of it, with its files, unless something still needs it. */
import type { Principal } from '@bud/access'
import { conflict } from '@bud/kernel'
import { eq } from '@bud/platform/drizzle'
import { versionPrefix } from '../domain/store-keys.ts'
import type { ModelUser } from '../ports.ts'
import { type Context, nowOf } from './context.ts'
import { requireModel } from './find-reference.ts'
import { deleteBenchmarks } from './listing/benchmarks.ts'
import { models, versions } from './tables.ts'
import { listVersions, type ModelRow, moveState, refreshShown, type VersionWithAliases } from './version-rows.ts'

/** States in which no flow works on the files. `archived`: a deletion that a crash cut short goes on. */
const DELETABLE = ['available', 'quarantined', 'scan-incomplete', 'failed', 'archived'] as const

export async function deleteModel(context: Context, principal: Principal, idOrName: string): Promise<void> {
  const model = await requireModel(context, principal.project_id, idOrName, (name) =>
    conflict(`"${name}" is a catalogue entry: it has no files and cannot be deleted.`),
  )
  const all = await listVersions(context.database.query, model.id)
  await refuseUsed(context, model, all)
  await takeOutOfUse(context, model, all)
  await context.store.deletePrefix(`models/${model.id}`)
  await context.database.transact(async (tx) => {
    await deleteBenchmarks(tx, model.project_id, model.id)
    await tx.delete(models).where(eq(models.id, model.id))
  })
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
}

/** The last version of a model goes with the model. */
export async function deleteVersion(
  context: Context,
  principal: Principal,
  idOrName: string,
  number: number,
): Promise<void> {
  const model = await requireModel(context, principal.project_id, idOrName, (name) =>
    conflict(`"${name}" is a catalogue entry: it has no versions.`),
  )
  const all = await listVersions(context.database.query, model.id)
  const version = all.find((candidate) => candidate.number === number)
  if (!version) throw conflict(`"${model.name}" has no version ${number}.`)
  if (all.length === 1) throw conflict(`${number} is the only version of "${model.name}": delete the model.`)
  refuseAliased(model, version)
  await refuseUsed(context, model, [version])
  await takeOutOfUse(context, model, [version])
  await context.store.deletePrefix(versionPrefix(model.id, version.id))
  await context.database.transact(async (tx) => {
    await tx.delete(versions).where(eq(versions.id, version.id))
    await refreshShown(tx, model.id)
  })
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
}

/** From here on nothing can be deployed from them, so that files may go before rows; asked again for who came meanwhile. */
async function takeOutOfUse(context: Context, model: ModelRow, gone: readonly VersionWithAliases[]): Promise<void> {
  const being = {
    code: 'being-deleted',
    message: 'The version is being deleted.',
    next_step: 'If it stays like this, delete it once more.',
  }
  await context.database.transact(async (tx) => {
    for (const { id, number, state, operation_id, rescanning } of gone) {
      const ref = { project_id: model.project_id, model_id: model.id, version_id: id }
      const to = { state: 'archived', state_since: nowOf(context), state_reasons: [being] } as const
      if (await moveState(tx, ref, DELETABLE, { ...to, state_reasons: [...to.state_reasons] })) continue
      const doing = rescanning ? 'scanned again' : state
      throw conflict(
        `"${model.name}" cannot be deleted while version ${number} is ${doing}: wait for operation ${operation_id} to end.`,
      )
    }
  })
  try {
    await refuseUsed(context, model, gone)
  } catch (error) {
    await putBack(context, model, gone)
    throw error
  }
}

async function putBack(
  context: Context,
  model: ModelRow,
  versionsBefore: readonly VersionWithAliases[],
): Promise<void> {
  await context.database.transact(async (tx) => {
    for (const { id, state, state_since, state_reasons } of versionsBefore)
      await tx.update(versions).set({ state, state_since, state_reasons }).where(eq(versions.id, id))
    await refreshShown(tx, model.id)
  })
}

/** Throws `conflict` with every endpoint that runs one of the versions. */
export async function refuseUsed(
  { usage }: Pick<Context, 'usage'>,
  model: ModelRow,
  concerned: readonly { id: string }[],
): Promise<void> {
  const ids = new Set(concerned.map(({ id }) => id))
  const users = (await usage.usedBy(model.project_id, model.id)).filter(({ version_id }) => ids.has(version_id))
  if (users.length === 0) return
  const names = users.map(({ endpoint_name }) => `"${endpoint_name}"`).join(', ')
  throw conflict(`"${model.name}" is used by ${names}.`, users.map(toReason))
}

const toReason = ({ endpoint_id, endpoint_name }: ModelUser) => ({
  code: 'model-in-use',
  message: `The endpoint "${endpoint_name}" (${endpoint_id}) uses it.`,
  next_step: `Delete the endpoint "${endpoint_name}" first.`,
})

/** A version that people mean by a name is not taken from under it. */
export function refuseAliased(model: ModelRow, { number, aliases }: VersionWithAliases): void {
  if (aliases.length === 0) return
  throw conflict(
    `Version ${number} of "${model.name}" is ${aliases.join(' and ')}: point the alias at another version, or remove it, first.`,
  )
}
