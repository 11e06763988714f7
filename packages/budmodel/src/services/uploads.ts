/** Files on their way in: opened, filled in parts, taken by one registration, swept when nobody comes back. */

import type { Principal } from '@bud/access'
import { conflict, createId, invalidInput, isId, messageOf, notFound } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, asc, eq, isNotNull, isNull, lt, ne, notInArray, or } from '@bud/platform/drizzle'
import { oddPathReason, printable } from '../domain/file-path.ts'
import { uploadPrefix } from '../domain/store-keys.ts'
import { type Context, nowOf } from './context.ts'
import { models, uploadFiles, uploads, versions } from './tables.ts'

const ABANDONED_AFTER_MS = 7 * 24 * 3_600_000

export interface Upload {
  id: string
  source_path: string
  created_at: string
  files: { path: string; bytes: number; complete: boolean }[]
}

export async function createUpload(
  context: Context,
  principal: Principal,
): Promise<{ id: string; source_path: string }> {
  const id = createId('upload', context.clock.nowMs())
  const { project_id } = principal
  await context.database.query
    .insert(uploads)
    .values({ id, project_id, created_by: principal.user_id, created_at: nowOf(context), active_at: nowOf(context) })
  return { id, source_path: `upload://${id}` }
}

export async function getUpload(context: Context, principal: Principal, id: string): Promise<Upload> {
  const { query } = context.database
  const [row] = await query
    .select()
    .from(uploads)
    .where(and(eq(uploads.id, id), eq(uploads.project_id, principal.project_id)))
  if (!row) throw noUpload(id)
  const announced = await query
    .select()
    .from(uploadFiles)
    .where(eq(uploadFiles.upload_id, id))
    .orderBy(asc(uploadFiles.path))
  const files = new Map(
    announced.map(({ path, bytes, part_upload }) => [path, { path, bytes, complete: part_upload === null }]),
  )
  const prefix = uploadPrefix(id)
  for await (const { key, bytes } of context.store.list(prefix)) {
    const path = key.slice(prefix.length + 1)
    if (!files.has(path)) files.set(path, { path, bytes, complete: true })
  }
  return { id, source_path: `upload://${id}`, created_at: row.created_at, files: [...files.values()] }
}

export async function deleteUpload(context: Context, principal: Principal, id: string): Promise<void> {
  await requireFree(context.database.query, principal.project_id, id)
  await removeUpload(context, id)
}

/** Streams one file in, whole; visible when complete, and a file sent again replaces the first. */
export async function writeUploadFile(
  context: Context,
  principal: Principal,
  uploadId: string,
  path: string,
  content: AsyncIterable<Uint8Array>,
): Promise<{ path: string; bytes: number }> {
  refuseOddName(path)
  await requireFree(context.database.query, principal.project_id, uploadId)
  await noteActivity(context, uploadId)
  const { bytes } = await context.store.write(`${uploadPrefix(uploadId)}/${path}`, content, { replace: true })
  return { path, bytes }
}

export function refuseOddName(path: string): void {
  const odd = oddPathReason(path)
  if (!odd) return
  throw invalidInput(`The file name "${printable(path)}" cannot be used: it ${odd}.`, [
    {
      code: 'path-invalid',
      message: 'Names are relative to the model’s folder, with "/" between folders.',
      path: 'path',
    },
  ])
}

/** The upload exists in the project and no registration has it, or one that failed. */
export async function requireFree(query: Queryable, projectId: string, uploadId: string): Promise<void> {
  const [found] = isId('upload', uploadId)
    ? await query
        .select({ model_id: models.id, model_name: models.name, state: versions.state })
        .from(uploads)
        .leftJoin(versions, eq(versions.id, uploads.version_id))
        .leftJoin(models, eq(models.id, versions.model_id))
        .where(and(eq(uploads.id, uploadId), eq(uploads.project_id, projectId)))
    : []
  if (!found) throw noUpload(uploadId)
  if (found.model_id !== null && found.state !== 'failed') {
    throw conflict(
      `The upload ${uploadId} is being imported as "${found.model_name}" (${found.model_id}). Open another with POST /uploads.`,
    )
  }
}

/** Every file that was begun has arrived. */
async function requireArrived(query: Queryable, uploadId: string): Promise<void> {
  const waiting = await query
    .select({ path: uploadFiles.path })
    .from(uploadFiles)
    .where(and(eq(uploadFiles.upload_id, uploadId), isNotNull(uploadFiles.part_upload)))
  if (waiting.length === 0) return
  throw conflict(
    `${waiting.length} ${waiting.length === 1 ? 'file' : 'files'} of the upload ${uploadId} have not arrived.`,
    waiting.slice(0, 20).map(({ path }) => ({
      code: 'upload-unfinished',
      message: `Parts of ${path} are missing.`,
      path,
      next_step: 'Send the missing parts (POST /uploads/{id}/files says which), then POST /uploads/{id}/complete.',
    })),
  )
}

/** Inside the registration's transaction. */
export async function takeUpload(tx: Queryable, projectId: string, uploadId: string, versionId: string): Promise<void> {
  // One registration at a time looks at it.
  await tx.select().from(uploads).where(eq(uploads.id, uploadId)).for('update')
  await requireFree(tx, projectId, uploadId)
  await requireArrived(tx, uploadId)
  await tx.update(uploads).set({ version_id: versionId }).where(eq(uploads.id, uploadId))
}

/** Idempotent. */
export async function removeUpload(context: Context, uploadId: string): Promise<void> {
  await context.store.deletePrefix(uploadPrefix(uploadId))
  await context.database.query.delete(uploads).where(eq(uploads.id, uploadId))
}

/** The id in "upload://upload-…"; undefined for other sources. */
export const uploadIdOf = (sourcePath: string): string | undefined => /^upload:\/\/([^/]+)\/*$/.exec(sourcePath)?.[1]

/** Uploads nobody came back to, and those whose import is over. */
export async function sweepAbandoned(context: Context): Promise<void> {
  const before = new Date(context.clock.nowMs() - ABANDONED_AFTER_MS).toISOString()
  const isOver = and(isNotNull(versions.state), notInArray(versions.state, ['importing', 'failed']))
  const isLeft = and(lt(uploads.active_at, before), or(isNull(versions.state), ne(versions.state, 'importing')))
  const old = await context.database.query
    .select({ id: uploads.id })
    .from(uploads)
    .leftJoin(versions, eq(versions.id, uploads.version_id))
    .where(or(isOver, isLeft))
    .orderBy(asc(uploads.active_at))
  for (const { id } of old) {
    await removeUpload(context, id).catch((err: unknown) =>
      context.log.warn({ err }, `The upload ${id} is removed later: ${messageOf(err)}`),
    )
  }
}

/** Something of it has arrived, or is about to. */
export async function noteActivity(context: Context, uploadId: string): Promise<void> {
  await context.database.query
    .update(uploads)
    .set({ active_at: nowOf(context) })
    .where(eq(uploads.id, uploadId))
}

const noUpload = (id: string) =>
  notFound('upload', id, 'Open one with POST /uploads; a finished import removes its upload.')
