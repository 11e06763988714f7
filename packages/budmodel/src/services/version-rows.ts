/** Versions as rows: reading them, and the changes of state that flows make. */
import { type ModelFacts, type ModelVersionState, type ModelVersionStateName, notFound, type Reason } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, asc, eq, inArray } from '@bud/platform/drizzle'
import type { FactConflict } from '../domain/facts/claims.ts'
import type { Manifest, ManifestFile } from '../domain/manifest.ts'
import type { ScanReport } from '../domain/scan/scan-report.ts'
import { type Context, nowOf, type VersionRef } from './context.ts'
import { files, models, versions } from './tables.ts'

/** Rows of one insert: PostgreSQL takes at most 65,535 parameters. */
const INSERT_ROWS = 5000

export type ModelRow = typeof models.$inferSelect
export type VersionRow = typeof versions.$inferSelect
export interface Registered {
  model: ModelRow
  version: VersionRow
}

/** By id or name. A model has one version for now. */
export async function findRegistered(
  query: Queryable,
  projectId: string,
  idOrName: string,
): Promise<Registered | undefined> {
  const byKey = async (column: typeof models.id | typeof models.name) => {
    const [row] = await query
      .select({ model: models, version: versions })
      .from(models)
      .innerJoin(versions, eq(versions.model_id, models.id))
      .where(and(eq(models.project_id, projectId), eq(column, idOrName)))
    return row
  }
  return (await byKey(models.id)) ?? (await byKey(models.name))
}

export async function findVersion(query: Queryable, versionId: string): Promise<Registered | undefined> {
  const [row] = await query
    .select({ model: models, version: versions })
    .from(versions)
    .innerJoin(models, eq(versions.model_id, models.id))
    .where(eq(versions.id, versionId))
  return row
}

export async function requireVersion(context: Context, { version_id }: VersionRef): Promise<Registered> {
  const found = await findVersion(context.database.query, version_id)
  if (!found) throw notFound('model version', version_id, 'It was deleted meanwhile.')
  return found
}

export const stateOf = ({ state, state_since, state_reasons }: VersionRow): ModelVersionState => ({
  name: state,
  since: state_since,
  reasons: state_reasons,
})

export async function readManifestFiles(query: Queryable, versionId: string): Promise<ManifestFile[]> {
  const rows = await query
    .select({ path: files.path, bytes: files.bytes, sha256: files.sha256 })
    .from(files)
    .where(eq(files.version_id, versionId))
    .orderBy(asc(files.path))
  return rows.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Idempotent: the same state again keeps its since-when. */
export async function setState(
  context: Context,
  ref: VersionRef,
  state: ModelVersionStateName,
  reasons: readonly Reason[] = [],
): Promise<void> {
  const { version } = await requireVersion(context, ref)
  const since = version.state === state ? version.state_since : nowOf(context)
  await context.database.query
    .update(versions)
    .set({ state, state_since: since, state_reasons: [...reasons] })
    .where(eq(versions.id, ref.version_id))
  context.events.publish({ project_id: ref.project_id, type: 'model.changed', id: ref.model_id })
}

/** True when the version was in one of `from` and is in `to` now: the lock against two operations at once. */
export async function moveState(
  query: Queryable,
  ref: VersionRef,
  from: readonly ModelVersionStateName[],
  to: { state: ModelVersionStateName; state_since: string; state_reasons: Reason[]; operation_id?: string },
): Promise<boolean> {
  const moved = await query
    .update(versions)
    .set(to)
    .where(and(eq(versions.id, ref.version_id), inArray(versions.state, [...from])))
    .returning({ id: versions.id })
  return moved.length > 0
}

/** Idempotent: facts and manifest appear together, and the version goes on to being scanned. */
export async function saveFacts(
  context: Context,
  ref: VersionRef,
  { manifest, facts, conflicts }: { manifest: Manifest; facts: ModelFacts; conflicts: FactConflict[] },
): Promise<void> {
  const { architecture, parameter_count, active_parameter_count, context_length } = facts
  await context.database.transact(async (tx) => {
    await tx.delete(files).where(eq(files.version_id, ref.version_id))
    for (let at = 0; at < manifest.files.length; at += INSERT_ROWS) {
      const rows = manifest.files.slice(at, at + INSERT_ROWS)
      await tx
        .insert(files)
        .values(rows.map((file) => ({ ...file, version_id: ref.version_id, project_id: ref.project_id })))
    }
    await tx
      .update(versions)
      .set({
        facts,
        conflicts,
        digest: manifest.digest,
        architecture,
        parameter_count,
        active_parameter_count,
        context_length,
      })
      .where(eq(versions.id, ref.version_id))
  })
}

export async function saveScan(context: Context, { version_id }: VersionRef, scan: ScanReport): Promise<void> {
  await context.database.query.update(versions).set({ scan }).where(eq(versions.id, version_id))
}
