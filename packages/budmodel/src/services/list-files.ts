/** Every file of a version, page by page. */
import type { Principal } from '@bud/access'
import { invalidInput } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, asc, eq, gt, sql } from '@bud/platform/drizzle'
import type { FileCoverage } from '../domain/scan/scan-report.ts'
import type { Context } from './context.ts'
import { findReference } from './find-reference.ts'
import { files } from './tables.ts'

export interface ModelFile {
  path: string
  bytes: number
  sha256: string
  format: string | null
  scanned: FileCoverage[]
}

interface FilesRequest {
  search?: string | undefined
  limit: number
  cursor?: string | undefined
}

export async function listFiles(
  context: Context,
  principal: Principal,
  { id, ...request }: FilesRequest & { id: string },
): Promise<{ items: ModelFile[]; next_cursor: string | null }> {
  const found = await findReference(context, principal.project_id, id)
  if ('entry' in found) return { items: [], next_cursor: null }
  return filesOf(context.database.query, found.registered.version.id, request)
}

/** In path order, byte by byte. */
export async function filesOf(
  query: Queryable,
  versionId: string,
  { search, limit, cursor }: FilesRequest,
): Promise<{ items: ModelFile[]; next_cursor: string | null }> {
  const byBytes = sql`${files.path} collate "C"`
  const after = cursor === undefined ? undefined : gt(byBytes, decodeCursor(cursor))
  const text = search?.trim().toLowerCase()
  const rows = await query
    .select()
    .from(files)
    .where(
      and(
        eq(files.version_id, versionId),
        after,
        text ? sql`position(${text} in lower(${files.path})) > 0` : undefined,
      ),
    )
    .orderBy(asc(byBytes))
    .limit(limit + 1)
  const items = rows.slice(0, limit).map(({ path, bytes, sha256, format, scanned }) => {
    return { path, bytes, sha256, format, scanned }
  })
  const last = items.at(-1)
  return { items, next_cursor: rows.length > limit && last ? Buffer.from(last.path).toString('base64url') : null }
}

function decodeCursor(cursor: string): string {
  const path = Buffer.from(cursor, 'base64url').toString()
  if (Buffer.from(path).toString('base64url') === cursor && !path.includes('\0')) return path
  throw invalidInput('The cursor is not one that a list of files answered with.', [
    { code: 'cursor-invalid', message: 'Cursors are taken from next_cursor as they are.', path: 'cursor' },
  ])
}
