/**
 * Multipart uploads that have begun and not ended. Some servers (MinIO) cannot list them by prefix, so each has a small
 * object of ours beside the files until it ends; a sweep finds by it what a killed process left.
 */
import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { failed } from '@bud/kernel'
import { UNFINISHED } from './artifact-keys.ts'
import type { S3Bucket } from './s3-client.ts'
import { s3ErrorCode, s3StatusOf } from './s3-errors.ts'
import { listObjects } from './s3-listing.ts'

/** Stands in a note for uploads whose names are not known. */
const LOST = 'lost'

/** Begins an upload and notes it. */
export async function beginUpload(bucket: S3Bucket, key: string): Promise<string> {
  const { UploadId, $metadata } = await bucket.run({ doing: 'write', key }, (s3) =>
    s3.send(new CreateMultipartUploadCommand(bucket.at(key))),
  )
  if (UploadId === undefined) throw failed(`s3://${bucket.name} began an upload without giving it a name.`)
  try {
    await note(bucket, key, UploadId)
    // The request was sent again: the upload that the first one may have begun has a name that nobody heard.
    if (($metadata.attempts ?? 1) > 1) await note(bucket, key, LOST)
  } catch (error) {
    await abortUpload(bucket, key, UploadId).catch(() => {})
    throw error
  }
  return UploadId
}

async function note(bucket: S3Bucket, key: string, upload: string): Promise<void> {
  await bucket.run({ doing: 'write', key }, (s3) =>
    s3.send(new PutObjectCommand({ ...bucket.at(noteKey(key, upload)), Body: upload })),
  )
}

/** Idempotent. */
export async function forgetUnfinished(bucket: S3Bucket, key: string, upload: string): Promise<void> {
  await bucket.run({ doing: 'delete', key }, (s3) => s3.send(new DeleteObjectCommand(bucket.at(noteKey(key, upload)))))
}

/** Idempotent. The parts that have arrived go with it. */
export async function abortUpload(bucket: S3Bucket, key: string, upload: string): Promise<void> {
  await bucket.run({ doing: 'write', key }, async (s3) => {
    try {
      if (upload !== LOST) await s3.send(new AbortMultipartUploadCommand({ ...bucket.at(key), UploadId: upload }))
    } catch (error) {
      if (s3ErrorCode(error) !== 'NoSuchUpload') throw error
    }
  })
  await forgetUnfinished(bucket, key, upload)
}

/** Aborts every upload to a key below `prefix` + "/". */
export async function abortUploadsBelow(bucket: S3Bucket, prefix: string): Promise<void> {
  for await (const { key: note } of listObjects(bucket, `${UNFINISHED}/${prefix}`)) await abortNoted(bucket, note)
  await abortListed(bucket, `${prefix}/`)
}

/** Aborts what has been begun before then and did not end: a process was killed, and its work began anew. */
export async function abortUploadsBefore(bucket: S3Bucket, beforeMs: number): Promise<void> {
  for await (const { key: note, changed_ms } of listObjects(bucket, UNFINISHED)) {
    if (changed_ms < beforeMs) await abortNoted(bucket, note)
  }
}

async function abortNoted(bucket: S3Bucket, note: string): Promise<void> {
  const key = note.slice(UNFINISHED.length + 1, note.lastIndexOf('/'))
  const upload = await bucket.run({ doing: 'read', key }, (s3) =>
    readNote(s3.send(new GetObjectCommand(bucket.at(note)))),
  )
  if (upload === LOST) await abortListed(bucket, key)
  if (upload !== undefined) await abortUpload(bucket, key, upload)
}

/** `prefix`: some servers list uploads to exactly this key alone. */
async function abortListed(bucket: S3Bucket, prefix: string): Promise<void> {
  for (const { key, upload } of await listUploads(bucket, prefix)) await abortUpload(bucket, key, upload)
}

async function readNote(
  answer: Promise<{ Body?: { transformToString(): Promise<string> } | undefined }>,
): Promise<string | undefined> {
  try {
    return await (await answer).Body?.transformToString()
  } catch (error) {
    if (s3ErrorCode(error) === 'NoSuchKey') return undefined
    throw error
  }
}

/** What the server itself knows: also uploads whose process ended before it could note them. */
async function listUploads(bucket: S3Bucket, prefix: string): Promise<{ key: string; upload: string }[]> {
  const found: { key: string; upload: string }[] = []
  let page: ListMultipartUploadsCommandOutput | undefined
  do {
    const request = new ListMultipartUploadsCommand({
      Bucket: bucket.name,
      Prefix: bucket.objectKey(prefix),
      KeyMarker: page?.NextKeyMarker,
      UploadIdMarker: page?.NextUploadIdMarker,
    })
    page = await bucket.run({ doing: 'list', key: prefix }, (s3) => s3.send(request).catch(undefinedWhereUnknown))
    for (const { Key, UploadId } of page?.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) found.push({ key: bucket.keyOf(Key), upload: UploadId })
    }
  } while (page?.IsTruncated && page.NextKeyMarker)
  return found
}

/** Servers without this request, and keys that may not make it: the notes are then all there is. */
function undefinedWhereUnknown(error: unknown): undefined {
  if ([403, 404, 405, 501].includes(s3StatusOf(error) ?? 0)) return undefined
  throw error
}

function noteKey(key: string, upload: string): string {
  return `${UNFINISHED}/${key}/${createHash('sha256').update(upload).digest('hex').slice(0, 32)}`
}
