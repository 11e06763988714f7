/** Hands out a file of a version that passed its scan, checked against the manifest as it is read. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { failed, notFound } from '@bud/kernel'
import { and, eq } from '@bud/platform/drizzle'
import { fileKey } from '../domain/store-keys.ts'
import type { Context } from './context.ts'
import { judgedNow } from './judge-version.ts'
import { handoutRefusal } from './resolve-for-deployment.ts'
import { files } from './tables.ts'
import { findVersion, stateOf } from './version-rows.ts'

/** The stream fails at its end, with `failed`, when the bytes are not those that were scanned. */
export async function openFile(context: Context, versionId: string, path: string): Promise<Readable> {
  const found = await findVersion(context.database.query, versionId)
  if (!found) throw notFound('model version', versionId)
  const { model, version } = await judgedNow(context, found)
  const refusal = handoutRefusal(model.name, stateOf(version))
  if (refusal) throw refusal
  const [file] = await context.database.query
    .select()
    .from(files)
    .where(and(eq(files.version_id, versionId), eq(files.path, path)))
  if (!file) throw notFound('file', path, `"${model.name}" (${versionId}) has no such file.`)
  const content = await context.store.read(fileKey(model.id, versionId, path))
  return Readable.from(verified(content, file, model.name), { objectMode: false })
}

async function* verified(
  content: Readable,
  file: { path: string; bytes: number; sha256: string },
  name: string,
): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of content as AsyncIterable<Uint8Array>) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') !== file.sha256) {
    throw failed(
      `${file.path} of "${name}" has changed since it was scanned. Delete the model and register it again.`,
      [
        {
          code: 'model-object-changed',
          message: `The stored bytes of ${file.path} no longer have the sha256 of the manifest.`,
          path: file.path,
        },
      ],
    )
  }
}
