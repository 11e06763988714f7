/** Deletes a model, or one version of it, with its files, unless something still needs it. */
import type { Principal } from '@bud/access'
import { conflict, messageOf, notFound } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, eq, lt } from '@bud/platform/drizzle'
import { versionPrefix } from '../domain/store-keys.ts'
import type { ModelUser } from '../ports.ts'
import { type Context, nowOf } from './context.ts'
import { requireModel } from './find-reference.ts'
import { deleteBenchmarks } from './listing/benchmarks.ts'
import { models, versions } from './tables.ts'
import { listVersions, type ModelRow, moveState, refreshShown, type VersionWithAliases } from './version-rows.ts'

/** States in which no flow works on the files. */
const DELETABLE = ['available', 'quarantined', 'scan-incomplete', 'failed', 'archived'] as const
/** A deletion that is this old was left behind by a crash. */
const LEFT_BEHIND_MS = 60_000

export async function deleteModel(context: Context, principal: Principal, idOrName: string): Promise<void> {
  const model = await requireModel(context, principal.project_id, idOrName, (name) =>
    conflict(`"${name}" is a catalogue entry: it has no files and cannot be deleted.`),
  )
  await refuseUsed(context, model, await listVersions(context.database.query, model.id))
  const gone = await takeOutOfUse(context, model, (all) => all)
  await removeFiles(context, model, gone)
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
  const chosen = (all: VersionWithAliases[]): VersionWithAliases[] => {
    const version = all.find((candidate) => candidate.number === number)
    if (!version) throw conflict(`"${model.name}" has no version ${number}.`)
    if (all.length === 1) throw conflict(`${number} is the only version of "${model.name}": delete the model.`)
    refuseAliased(model, version)
    return [version]
  }
  await refuseUsed(context, model, chosen(await listVersions(context.database.query, model.id)))
  await removeFiles(context, model, await takeOutOfUse(context, model, chosen))
}

/** What a crash left half deleted goes; called with the flows that a crash left. */
export async function finishDeletions(context: Context): Promise<void> {
  const before = new Date(context.clock.nowMs() - LEFT_BEHIND_MS).toISOString()
  const left = await context.database.query
    .select({ model: models, version: versions })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.model_id))
    .where(and(eq(versions.deleting, true), lt(versions.state_since, before)))
  for (const { model, version } of left) {
    await removeFiles(context, model, [version]).catch((err: unknown) =>
      context.log.warn({ err }, `${version.id} is deleted later: ${messageOf(err)}`),
    )
  }
}

/**
 * From here on nothing can be deployed from them, so that files may go before rows. The model's row is locked: a version
 * that is added at the same time is seen or comes after.
 */
function takeOutOfUse(
  context: Context,
  { id, name }: ModelRow,
  choose: (all: VersionWithAliases[]) => VersionWithAliases[],
): Promise<VersionWithAliases[]> {
  const to = {
    state: 'archived' as const,
    state_since: nowOf(context),
    state_reasons: [{ code: 'being-deleted', message: 'The version is being deleted.' }],
    deleting: true,
  }
  return context.database.transact(async (tx) => {
    const [locked] = await tx.select().from(models).where(eq(models.id, id)).for('update')
    if (!locked) throw notFound('model', name, 'It was deleted a moment ago.')
    const chosen = choose(await listVersions(tx, id))
    for (const version of chosen) {
      const ref = { project_id: locked.project_id, model_id: id, version_id: version.id }
      if (await moveState(tx, ref, DELETABLE, to)) continue
      const doing = version.rescanning ? 'scanned again' : version.state
      throw conflict(
        `"${name}" cannot be deleted while version ${version.number} is ${doing}: wait for operation ${version.operation_id} to end.`,
      )
    }
    return chosen
  })
}

/** Idempotent. The model goes with the last of its versions. */
async function removeFiles(context: Context, model: ModelRow, gone: readonly { id: string }[]): Promise<void> {
  for (const { id } of gone) await context.store.deletePrefix(versionPrefix(model.id, id))
  await context.database.transact(async (tx) => {
    for (const { id } of gone) await tx.delete(versions).where(and(eq(versions.id, id), eq(versions.deleting, true)))
    await deleteWhenEmpty(tx, model)
  })
  context.events.publish({ project_id: model.project_id, type: 'model.changed', id: model.id })
}

async function deleteWhenEmpty(tx: Queryable, { id, project_id }: ModelRow): Promise<void> {
  const left = await listVersions(tx, id)
  if (left.length > 0) return refreshShown(tx, id)
  await deleteBenchmarks(tx, project_id, id)
  await tx.delete(models).where(eq(models.id, id))
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
