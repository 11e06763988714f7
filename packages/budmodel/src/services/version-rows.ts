/** Models, versions and files as rows: how verbs and flows find and change them. */
import { type ModelVersionState, type ModelVersionStateName, notFound, type Reason } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, asc, eq, inArray, type SQL, sql } from '@bud/platform/drizzle'
import type { Manifest, ManifestFile } from '../domain/manifest.ts'
import { chooseShown, type VersionAlias } from '../domain/versions.ts'
import { type Context, nowOf, type VersionRef } from './context.ts'
import { aliases, files, models, versions } from './tables.ts'

/** Rows of one insert: PostgreSQL takes at most 65,535 parameters. */
const INSERT_ROWS = 5000

export type ModelRow = typeof models.$inferSelect
export type VersionRow = typeof versions.$inferSelect
export interface Registered {
  model: ModelRow
  version: VersionRow
}

/** By id or name. */
export async function findModel(query: Queryable, projectId: string, idOrName: string): Promise<ModelRow | undefined> {
  const byKey = async (column: typeof models.id | typeof models.name) => {
    const [row] = await query
      .select()
      .from(models)
      .where(and(eq(models.project_id, projectId), eq(column, idOrName)))
    return row
  }
  return (await byKey(models.id)) ?? (await byKey(models.name))
}

export async function findVersion(query: Queryable, versionId: string): Promise<Registered | undefined> {
  return one(query, eq(versions.id, versionId))
}

export async function findVersionOf(
  query: Queryable,
  modelId: string,
  wanted: { id: string } | { number: number } | { alias: VersionAlias },
): Promise<Registered | undefined> {
  if ('id' in wanted) return one(query, and(eq(versions.model_id, modelId), eq(versions.id, wanted.id)))
  if ('number' in wanted) return one(query, and(eq(versions.model_id, modelId), eq(versions.number, wanted.number)))
  const named = sql`${versions.id} = (select ${aliases.version_id} from ${aliases}
    where ${aliases.model_id} = ${modelId} and ${aliases.alias} = ${wanted.alias})`
  return one(query, and(eq(versions.model_id, modelId), named))
}

async function one(query: Queryable, where: SQL | undefined): Promise<Registered | undefined> {
  const [row] = await query
    .select({ model: models, version: versions })
    .from(versions)
    .innerJoin(models, eq(versions.model_id, models.id))
    .where(where)
  return row
}

export async function requireVersion(context: Context, { version_id }: VersionRef): Promise<Registered> {
  const found = await findVersion(context.database.query, version_id)
  if (!found) throw notFound('model version', version_id, 'It was deleted meanwhile.')
  return found
}

export type VersionWithAliases = VersionRow & { aliases: VersionAlias[] }

/** Newest first. */
export async function listVersions(query: Queryable, modelId: string): Promise<VersionWithAliases[]> {
  const rows = await query.select().from(versions).where(eq(versions.model_id, modelId))
  const named = await query.select().from(aliases).where(eq(aliases.model_id, modelId))
  return rows
    .toSorted((a, b) => b.number - a.number)
    .map((row) => ({
      ...row,
      aliases: named.filter(({ version_id }) => version_id === row.id).map(({ alias }) => alias),
    }))
}

export const stateOf = ({
  state,
  state_since,
  state_reasons,
}: Pick<VersionRow, 'state' | 'state_since' | 'state_reasons'>): ModelVersionState => ({
  name: state,
  since: state_since,
  reasons: state_reasons,
})

export const refOf = ({ model, version }: Registered): VersionRef => ({
  project_id: model.project_id,
  model_id: model.id,
  version_id: version.id,
})

export async function readManifestFiles(query: Queryable, versionId: string): Promise<ManifestFile[]> {
  const rows = await query
    .select({ path: files.path, bytes: files.bytes, sha256: files.sha256 })
    .from(files)
    .where(eq(files.version_id, versionId))
    .orderBy(asc(files.path))
  return rows.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** After every change of a model's versions, in its transaction: the version that a bare name means. */
export async function refreshShown(tx: Queryable, modelId: string): Promise<void> {
  await tx.select({ id: models.id }).from(models).where(eq(models.id, modelId)).for('update')
  const shown = chooseShown(await listVersions(tx, modelId))
  if (shown) await tx.update(models).set({ shown_version_id: shown.id }).where(eq(models.id, modelId))
}

/** Idempotent: the same state again keeps its since-when. Whatever scan was under way has ended. */
export async function setState(
  context: Context,
  ref: VersionRef,
  state: ModelVersionStateName,
  reasons: readonly Reason[] = [],
): Promise<void> {
  const { version } = await requireVersion(context, ref)
  const since = version.state === state ? version.state_since : nowOf(context)
  await context.database.transact(async (tx) => {
    await tx
      .update(versions)
      .set({ state, state_since: since, state_reasons: [...reasons], rescanning: false })
      .where(eq(versions.id, ref.version_id))
    await refreshShown(tx, ref.model_id)
  })
  context.events.publish({ project_id: ref.project_id, type: 'model.changed', id: ref.model_id })
}

/** True when the version was in one of `from`, with no scan under way, and is changed now: the lock against two at once. */
export async function moveState(
  tx: Queryable,
  ref: VersionRef,
  from: readonly ModelVersionStateName[],
  to: Partial<Pick<VersionRow, 'state' | 'state_since' | 'state_reasons' | 'operation_id' | 'rescanning' | 'deleting'>>,
): Promise<boolean> {
  const moved = await tx
    .update(versions)
    .set(to)
    .where(
      and(
        eq(versions.id, ref.version_id),
        inArray(versions.state, [...from]),
        eq(versions.rescanning, false),
        eq(versions.deleting, false),
      ),
    )
    .returning({ id: versions.id })
  if (moved.length > 0) await refreshShown(tx, ref.model_id)
  return moved.length > 0
}

/** Idempotent: all rows of the manifest, none of an earlier attempt. */
export async function saveManifest(tx: Queryable, ref: VersionRef, manifest: Manifest): Promise<void> {
  const { project_id, version_id } = ref
  await tx.delete(files).where(eq(files.version_id, version_id))
  for (let at = 0; at < manifest.files.length; at += INSERT_ROWS) {
    const rows = manifest.files.slice(at, at + INSERT_ROWS)
    await tx
      .insert(files)
      .values(rows.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256, version_id, project_id })))
  }
  await tx
    .update(versions)
    .set({
      digest: manifest.digest,
      file_count: manifest.files.length,
      total_bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
    })
    .where(eq(versions.id, version_id))
}

export async function savePinnedSource(query: Queryable, { version_id }: VersionRef, pinned: string): Promise<void> {
  await query.update(versions).set({ pinned_source: pinned }).where(eq(versions.id, version_id))
}
