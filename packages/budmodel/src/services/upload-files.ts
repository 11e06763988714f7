/** Large files arrive in parts, straight into the store where it hands out addresses, and go on after any break. */
import type { Principal } from '@bud/access'
import { BudError, conflict, invalidInput, notFound } from '@bud/kernel'
import { and, eq, isNull } from '@bud/platform/drizzle'
import { uploadPrefix } from '../domain/store-keys.ts'
import { missingParts, type Part, partAt, planParts } from '../domain/upload-parts.ts'
import type { Context } from './context.ts'
import { uploadFiles } from './tables.ts'
import { noteActivity, refuseOddName, requireFree } from './uploads.ts'

/** Addresses handed out at once: the client asks again for the next. */
const PARTS_AT_ONCE = 64

export interface UploadFile {
  path: string
  bytes: number
  complete: boolean
  bytes_arrived: number
  part_bytes: number
  missing: (Part & { url: string })[]
}

type FileRow = typeof uploadFiles.$inferSelect
interface Place {
  id: string
  path: string
}

/** The same call begins a file and goes on with it; another size or digest starts it over. */
export async function beginUploadFile(
  context: Context,
  principal: Principal,
  { id, path, bytes, sha256 }: Place & { bytes: number; sha256?: string | undefined },
): Promise<UploadFile> {
  refuseOddName(path)
  await requireFree(context.database.query, principal.project_id, id)
  await noteActivity(context, id)
  const known = await find(context, { id, path })
  if (known && known.bytes === bytes && known.sha256 === (sha256 ?? null)) {
    const arrived = await stand(context, known)
    if (arrived) return arrived
  }
  const key = keyOf({ id, path })
  if (known?.part_upload) await context.store.abort(key, known.part_upload)
  // An empty file has no parts.
  if (bytes === 0) await context.store.write(key, nothing(), { replace: true })
  const part_upload = bytes === 0 ? null : (await context.store.begin(key)).upload
  const row: FileRow = {
    upload_id: id,
    project_id: principal.project_id,
    path,
    bytes,
    sha256: sha256 ?? null,
    part_bytes: planParts(bytes).part_bytes,
    part_upload,
  }
  await context.database.query
    .insert(uploadFiles)
    .values(row)
    .onConflictDoUpdate({ target: [uploadFiles.upload_id, uploadFiles.path], set: row })
  return describe(context, row, [])
}

/** Where the store takes no parts itself: one part's bytes through this server. */
export async function writeUploadPart(
  context: Context,
  principal: Principal,
  { id, path, number }: Place & { number: number },
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  await requireFree(context.database.query, principal.project_id, id)
  const row = await requireFile(context, { id, path })
  if (row.part_upload === null) throw conflict(`${path} has arrived completely.`)
  const { count } = planParts(row.bytes)
  if (!Number.isInteger(number) || number < 1 || number > count) {
    throw invalidInput(`${path} has parts 1 to ${count}; there is no part ${number}.`)
  }
  const { bytes } = partAt(row.bytes, row.part_bytes, number)
  await context.store.writePart(keyOf({ id, path }), row.part_upload, { number, bytes }, content)
}

/** Idempotent. */
export async function completeUploadFile(context: Context, principal: Principal, place: Place): Promise<UploadFile> {
  await requireFree(context.database.query, principal.project_id, place.id)
  const row = await requireFile(context, place)
  if (row.part_upload !== null) {
    const { bytes } = await complete(context, row, row.part_upload)
    if (bytes !== row.bytes) {
      throw conflict(`${place.path} has ${bytes} bytes where ${row.bytes} were announced. Begin it again.`)
    }
    await context.database.query
      .update(uploadFiles)
      .set({ part_upload: null })
      .where(and(eq(uploadFiles.upload_id, place.id), eq(uploadFiles.path, place.path)))
  }
  return describe(context, { ...row, part_upload: null }, [])
}

/** A crash may have come between the store's completion and our note of it. */
async function complete(context: Context, row: FileRow, upload: string): Promise<{ bytes: number }> {
  const key = keyOf({ id: row.upload_id, path: row.path })
  try {
    return await context.store.complete(key, upload, planParts(row.bytes).count)
  } catch (error) {
    const stored = isNotFound(error) ? await context.store.stat(key) : undefined
    if (stored?.bytes === row.bytes) return stored
    throw error
  }
}

const isNotFound = (error: unknown): boolean => error instanceof BudError && error.code === 'not-found'

/** What clients said the files’ sha256 are, by path. */
export async function announcedDigests(
  { database }: Pick<Context, 'database'>,
  uploadId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query
    .select({ path: uploadFiles.path, sha256: uploadFiles.sha256 })
    .from(uploadFiles)
    .where(and(eq(uploadFiles.upload_id, uploadId), isNull(uploadFiles.part_upload)))
  return new Map(rows.flatMap(({ path, sha256 }) => (sha256 === null ? [] : [[path, sha256]])))
}

/** Undefined when the store has forgotten it. */
async function stand(context: Context, row: FileRow): Promise<UploadFile | undefined> {
  const key = keyOf({ id: row.upload_id, path: row.path })
  if (row.part_upload === null) {
    const stored = await context.store.stat(key)
    return stored?.bytes === row.bytes ? describe(context, row, []) : undefined
  }
  try {
    return await describe(context, row, await context.store.parts(key, row.part_upload))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function describe(
  context: Context,
  row: FileRow,
  arrived: readonly { number: number; bytes: number }[],
): Promise<UploadFile> {
  const { upload_id, path, bytes, part_bytes, part_upload } = row
  if (part_upload === null) return { path, bytes, complete: true, bytes_arrived: bytes, part_bytes, missing: [] }
  const key = keyOf({ id: upload_id, path })
  const own = (number: number) =>
    `/uploads/${upload_id}/parts/${number}/${path.split('/').map(encodeURIComponent).join('/')}`
  const missing = missingParts(bytes, part_bytes, arrived, PARTS_AT_ONCE).map(async (part) => ({
    ...part,
    url: (await context.store.partUrl(key, part_upload, part.number)) ?? own(part.number),
  }))
  const bytes_arrived = arrived.reduce((sum, part) => sum + part.bytes, 0)
  return { path, bytes, complete: false, bytes_arrived, part_bytes, missing: await Promise.all(missing) }
}

async function find({ database }: Context, { id, path }: Place): Promise<FileRow | undefined> {
  const [row] = await database.query
    .select()
    .from(uploadFiles)
    .where(and(eq(uploadFiles.upload_id, id), eq(uploadFiles.path, path)))
  return row
}

async function requireFile(context: Context, place: Place): Promise<FileRow> {
  const row = await find(context, place)
  if (row) return row
  throw notFound('file', place.path, `Begin it with POST /uploads/${place.id}/files.`)
}

const keyOf = ({ id, path }: Place): string => `${uploadPrefix(id)}/${path}`

async function* nothing(): AsyncIterable<Uint8Array> {}
