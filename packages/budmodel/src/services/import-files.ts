/** Copies a batch of a model's files into the store, hashed and watched on the way; also reads stored ones again. */
import type { Readable } from 'node:stream'
import { BudError } from '@bud/kernel'
import { fileKey, uploadPrefix } from '../domain/store-keys.ts'
import type { ArtifactStore, SourceFile, SourcePlace } from '../ports.ts'
import type { Context, VersionRef } from './context.ts'
import { inParallel } from './in-parallel.ts'
import { type OnBytes, type PassedFile, type Read, type Reading, readThrough } from './read-through.ts'
import { changedMeanwhile } from './resumed-read.ts'
import { uploadIdOf } from './uploads.ts'

/** No object has this ETag: what was there a moment ago is gone. */
const GONE = 'gone'

type ImportContext = Pick<Context, 'streamScanners' | 'clock'> & { store: ArtifactStore }

/**
 * Several files at once; the first failure stops the others. Idempotent: a file that an interrupted attempt stored
 * completely is not copied again but read from the store, so that digests and findings are always those of the stored
 * bytes.
 */
export async function importBatch(
  context: ImportContext,
  ref: VersionRef,
  place: SourcePlace,
  batch: readonly SourceFile[],
  onBytes: OnBytes,
): Promise<PassedFile[]> {
  return inParallel(batch, async (file, signal) => {
    const key = fileKey(ref.model_id, ref.version_id, file.path)
    const reading = readingOf(context, signal, onBytes)
    const copied = await copyOfUpload(context.store, place, file, key)
    if (!copied) {
      let etag = GONE
      const open = (start: number) => place.open(file.path, start)
      const sink = async (chunks: AsyncIterable<Uint8Array>) => {
        etag = (await context.store.write(key, chunks)).etag
      }
      // What is stored already refuses the write: to ask beforehand would be one request more for every file.
      const passed = await readThrough({ file, open, sink }, reading).catch(undefinedWhenStored)
      if (passed) return { ...passed, etag }
    }
    const stored = await context.store.stat(key)
    if (stored?.bytes !== file.bytes) throw changedMeanwhile(file, `${stored?.bytes ?? 'no'}`)
    return { ...(await readThrough(fromStore(context.store, key, file), reading)), etag: stored.etag }
  })
}

/** Reads stored files once more: for a scan by newer rules, and to see that they are still what they were. */
export async function rereadBatch(
  context: ImportContext,
  ref: VersionRef,
  batch: readonly { path: string; bytes: number }[],
  onBytes: OnBytes,
): Promise<PassedFile[]> {
  return inParallel(batch, async ({ path, bytes }, signal) => {
    const key = fileKey(ref.model_id, ref.version_id, path)
    // As long as it is now: what has become of it since the import is for the report to say.
    const now = (await context.store.stat(key)) ?? { bytes, etag: GONE }
    const read = fromStore(context.store, key, { path, bytes: now.bytes })
    return { ...(await readThrough(read, readingOf(context, signal, onBytes))), etag: now.etag }
  })
}

/** An upload lies in the store already: its bytes do not come through this process twice. */
async function copyOfUpload(
  store: ArtifactStore,
  place: SourcePlace,
  { path }: SourceFile,
  key: string,
): Promise<boolean> {
  const uploadId = uploadIdOf(place.pinned)
  if (uploadId === undefined) return false
  if (!(await store.stat(key))) await store.copy(`${uploadPrefix(uploadId)}/${path}`, key)
  return true
}

function undefinedWhenStored(error: unknown): undefined {
  if (!(error instanceof BudError && error.code === 'conflict')) throw error
}

const fromStore = (store: ArtifactStore, key: string, file: SourceFile): Read => ({
  file,
  open: (start): Promise<Readable> => (start === 0 ? store.read(key) : store.read(key, { start, end: file.bytes })),
  sink: async (chunks) => {
    for await (const _ of chunks);
  },
})

const readingOf = ({ streamScanners, clock }: ImportContext, signal: AbortSignal, onBytes: OnBytes): Reading => ({
  scanners: streamScanners,
  clock,
  signal,
  onBytes,
})
