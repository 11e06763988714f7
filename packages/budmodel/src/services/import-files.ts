/** Copies a batch of a model's files into the store, hashed and watched on the way; also reads stored ones again. */
import { failed, invalidInput } from '@bud/kernel'
import { fileKey } from '../domain/store-keys.ts'
import type { ModelSource, SourceFile } from '../ports.ts'
import type { Context, VersionRef } from './context.ts'
import { type PassedFile, readThrough } from './read-through.ts'

export type OnBytes = (bytes: number) => Promise<void>

export interface SourcePlace {
  source: ModelSource
  location: string
}

/** `<scheme>://<location>`, by the sources there are. */
export function findSource({ sources }: Pick<Context, 'sources'>, sourcePath: string): SourcePlace {
  const [, scheme = '', location = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/s.exec(sourcePath) ?? []
  const source = sources.find((candidate) => candidate.scheme === scheme)
  if (source && location !== '') return { source, location }
  const known = sources.map((candidate) => `${candidate.scheme}://…`).join(' or ')
  throw invalidInput(`The source path "${sourcePath.slice(0, 200)}" cannot be read.`, [
    {
      code: 'source-path-invalid',
      message: `A source path is ${known}.`,
      path: 'source_path',
      next_step: 'Send a folder of this machine as an upload, or name a folder of a bucket.',
    },
  ])
}

/**
 * Idempotent: a file that an interrupted attempt stored completely is not copied again but read from the store, so
 * that digests and findings are always those of the stored bytes.
 */
export async function importBatch(
  context: Context,
  ref: VersionRef,
  { source, location }: SourcePlace,
  batch: readonly SourceFile[],
  onBytes: OnBytes,
): Promise<PassedFile[]> {
  const passed: PassedFile[] = []
  for (const file of batch) {
    const key = fileKey(ref.model_id, ref.version_id, file.path)
    const stored = await context.store.stat(key)
    const content = stored ? await context.store.read(key) : await source.open(location, file.path)
    const { chunks, result } = readThrough(file.path, content, context.streamScanners, onBytes)
    if (stored) await drain(chunks)
    else await context.store.write(key, chunks)
    const read = await result()
    if (read.bytes !== file.bytes) throw changedMeanwhile(file, read.bytes)
    passed.push(read)
  }
  return passed
}

/** Reads stored files once more: for a scan by newer rules, and to see that they are still what they were. */
export async function rereadBatch(
  context: Context,
  ref: VersionRef,
  batch: readonly SourceFile[],
  onBytes: OnBytes,
): Promise<PassedFile[]> {
  const passed: PassedFile[] = []
  for (const { path } of batch) {
    const content = await context.store.read(fileKey(ref.model_id, ref.version_id, path))
    const { chunks, result } = readThrough(path, content, context.streamScanners, onBytes)
    await drain(chunks)
    passed.push(await result())
  }
  return passed
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of chunks);
}

const changedMeanwhile = (file: SourceFile, bytes: number) =>
  failed(`${file.path} changed while it was imported: it had ${file.bytes} bytes and now has ${bytes}.`, [
    {
      code: 'source-changed',
      message: `${file.path} had ${file.bytes} bytes when the import began and ${bytes} when it was read.`,
      path: file.path,
      next_step: 'Wait until the files are complete, delete this model and register it again.',
    },
  ])
