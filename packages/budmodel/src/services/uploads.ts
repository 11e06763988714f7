/** Files on their way in: opened, filled file by file, taken by one registration, swept when nobody comes back. */

import type { Principal } from '@bud/access'
import { BudError, conflict, createId, invalidInput, isId, notFound } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, eq, lt } from '@bud/platform/drizzle'
import { oddPathReason, printable } from '../domain/file-path.ts'
import { uploadPrefix } from '../domain/store-keys.ts'
import { type Context, nowOf } from './context.ts'
import { models, uploads, versions } from './tables.ts'

const ABANDONED_AFTER_MS = 7 * 24 * 3_600_000
const SWEEP_LIMIT = 20

export async function createUpload(
  context: Context,
  principal: Principal,
): Promise<{ id: string; source_path: string }> {
  await sweepAbandoned(context)
  const id = createId('upload', context.clock.nowMs())
  const { project_id } = principal
  await context.database.query
    .insert(uploads)
    .values({ id, project_id, created_by: principal.user_id, created_at: nowOf(context) })
  return { id, source_path: `upload://${id}` }
}

/** Streams one file in; visible when complete, and a file sent again replaces the first. */
export async function writeUploadFile(
  context: Context,
  principal: Principal,
  uploadId: string,
  path: string,
  content: AsyncIterable<Uint8Array>,
): Promise<{ path: string; bytes: number }> {
  const odd = oddPathReason(path)
  if (odd) {
    throw invalidInput(`The file name "${printable(path)}" cannot be used: it ${odd}.`, [
      {
        code: 'path-invalid',
        message: 'Names are relative to the model’s folder, with "/" between folders.',
        path: 'path',
      },
    ])
  }
  await requireFree(context.database.query, principal.project_id, uploadId)
  const { bytes } = await context.store.write(`${uploadPrefix(uploadId)}/${path}`, content, { replace: true })
  return { path, bytes }
}

/** The upload exists in the project and no registration has it, or one that failed. */
export async function requireFree(query: Queryable, projectId: string, uploadId: string): Promise<void> {
  const [found] = isId('upload', uploadId)
    ? await query
        .select({ model_id: models.id, model_name: models.name, state: versions.state })
        .from(uploads)
        .leftJoin(models, eq(models.id, uploads.model_id))
        .leftJoin(versions, eq(versions.model_id, models.id))
        .where(and(eq(uploads.id, uploadId), eq(uploads.project_id, projectId)))
    : []
  if (!found) throw notFound('upload', uploadId, 'Open one with POST /uploads; a finished import removes its upload.')
  if (found.model_id !== null && found.state !== 'failed') {
    throw conflict(
      `The upload ${uploadId} is being imported as "${found.model_name}" (${found.model_id}). Open another with POST /uploads.`,
    )
  }
}

/** Inside the registration's transaction. */
export async function takeUpload(tx: Queryable, projectId: string, uploadId: string, modelId: string): Promise<void> {
  await requireFree(tx, projectId, uploadId)
  await tx.update(uploads).set({ model_id: modelId }).where(eq(uploads.id, uploadId))
}

/** Idempotent. */
export async function removeUpload(context: Context, uploadId: string): Promise<void> {
  await context.store.deletePrefix(uploadPrefix(uploadId))
  await context.database.query.delete(uploads).where(eq(uploads.id, uploadId))
}

/** The id in "upload://upload-…"; undefined for other sources. */
export const uploadIdOf = (sourcePath: string): string | undefined => /^upload:\/\/([^/]+)\/*$/.exec(sourcePath)?.[1]

async function sweepAbandoned(context: Context): Promise<void> {
  const before = new Date(context.clock.nowMs() - ABANDONED_AFTER_MS).toISOString()
  const old = await context.database.query
    .select({ id: uploads.id, project_id: uploads.project_id })
    .from(uploads)
    .where(lt(uploads.created_at, before))
    .limit(SWEEP_LIMIT)
  for (const { id, project_id } of old) {
    const busy = await requireFree(context.database.query, project_id, id).then(() => false, isConflict)
    if (!busy) await removeUpload(context, id)
  }
}

function isConflict(error: unknown): boolean {
  if (error instanceof BudError && error.code === 'conflict') return true
  throw error
}
