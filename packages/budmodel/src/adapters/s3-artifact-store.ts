/** The artifact store of an installation that keeps its files in S3, MinIO or any server that speaks the same protocol. */
import type { Readable } from 'node:stream'
import type { ArtifactStore, PartUploads, StoredObject } from '../ports.ts'
import { requireKey, storedAlready } from './artifact-keys.ts'
import { replacing, S3Appearing } from './s3-appearing.ts'
import { S3Bucket, type S3Place } from './s3-client.ts'
import { copyObject, S3_COPY_LIMITS, type S3CopyLimits } from './s3-copies.ts'
import { deleteObjects } from './s3-deletes.ts'
import { listObjects, probeObjects } from './s3-listing.ts'
import { PartBuffers } from './s3-part-plan.ts'
import { S3PartUploads } from './s3-part-uploads.ts'
import { headObject, openObject } from './s3-reads.ts'
import { abortUploadsBefore, abortUploadsBelow } from './s3-unfinished.ts'
import { writeObject } from './s3-writes.ts'

/** Longer than any upload is waited for. */
const UNFINISHED_FOR_MS = 8 * 24 * 3_600_000

/** Rejects with what to do when the bucket cannot be reached, is not there or refuses the credentials. */
export async function openS3ArtifactStore(
  place: S3Place,
  limits: S3CopyLimits = S3_COPY_LIMITS,
): Promise<ArtifactStore & PartUploads> {
  const bucket = new S3Bucket(place)
  await probeObjects(bucket, '')
  // Left over parts cost money and nothing else: a store that opens matters more.
  await abortUploadsBefore(bucket, Date.now() - UNFINISHED_FOR_MS).catch(() => {})
  return new S3ArtifactStore(bucket, limits)
}

class S3ArtifactStore extends S3PartUploads implements ArtifactStore {
  readonly #bucket: S3Bucket
  readonly #limits: S3CopyLimits
  readonly #buffers = new PartBuffers()
  readonly #appearing: S3Appearing

  constructor(bucket: S3Bucket, limits: S3CopyLimits) {
    super(bucket)
    this.#bucket = bucket
    this.#limits = limits
    this.#appearing = new S3Appearing(bucket)
  }

  async write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    { replace = false }: { replace?: boolean } = {},
  ): Promise<{ bytes: number; etag: string }> {
    requireKey(key)
    const appear = replace ? replacing : this.#appearing.asFirst(key)
    // What is refused in the end should not be sent first; one small request more would not be noticed there.
    const beforeLarge = async () => {
      if (!replace && (await headObject(this.#bucket, key))) throw storedAlready(key)
    }
    return writeObject({ bucket: this.#bucket, key, buffers: this.#buffers, appear, beforeLarge }, content)
  }

  async read(key: string, range?: { start: number; end: number }): Promise<Readable> {
    requireKey(key)
    return (await openObject(this.#bucket, { key, start: range?.start ?? 0, end: range?.end })).body
  }

  async stat(key: string): Promise<{ bytes: number; etag: string } | undefined> {
    requireKey(key)
    const found = await headObject(this.#bucket, key)
    return found && { bytes: found.bytes, etag: found.etag.replaceAll('"', '') }
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    requireKey(prefix)
    for await (const { etag, ...object } of listObjects(this.#bucket, prefix)) {
      yield { ...object, etag: etag.replaceAll('"', '') }
    }
  }

  async copy(from: string, to: string): Promise<{ bytes: number }> {
    requireKey(from)
    requireKey(to)
    // Servers copy unconditionally, so it is looked first.
    return this.#appearing.inTurn(to, () =>
      copyObject({ bucket: this.#bucket, from, to, limits: this.#limits, appear: this.#appearing.asFirst(to) }),
    )
  }

  async deletePrefix(prefix: string): Promise<void> {
    requireKey(prefix)
    await abortUploadsBelow(this.#bucket, prefix)
    await deleteObjects(this.#bucket, prefix)
  }
}
