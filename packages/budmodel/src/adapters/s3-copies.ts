/** Copies objects on the server's side: in one request up to 5 GiB, larger ones by parts. */
import { type CompletedPart, CopyObjectCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3'
import { failed, notFound } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'
import type { Appear } from './s3-appearing.ts'
import type { S3Bucket } from './s3-client.ts'
import { s3ErrorCode, s3StatusOf } from './s3-errors.ts'
import { headObject, objectChanged } from './s3-reads.ts'
import { abortUpload, beginUpload, forgetUnfinished } from './s3-unfinished.ts'
import { completeUpload } from './s3-writes.ts'

export interface S3CopyLimits {
  /** Larger objects are copied by parts. */
  singleBytes: number
  /** 10,000 of these hold the largest object. */
  partBytes: number
}

const GIB = 1024 ** 3
export const S3_COPY_LIMITS: S3CopyLimits = { singleBytes: 5 * GIB, partBytes: GIB }
const PARTS_AT_ONCE = 4

export interface S3Copy {
  bucket: S3Bucket
  from: string
  to: string
  limits: S3CopyLimits
  appear: Appear
}

export async function copyObject(copy: S3Copy): Promise<{ bytes: number }> {
  const { bucket, from, to, limits } = copy
  const source = await headObject(bucket, from)
  if (!source) throw notFound('stored file', printable(from))
  const origin = { CopySource: copySource(bucket, from), ...(source.etag ? { CopySourceIfMatch: source.etag } : {}) }
  await bucket.run({ doing: 'write', key: to }, async (s3) => {
    try {
      if (source.bytes > limits.singleBytes) await copyByParts(copy, source.bytes, origin)
      else await s3.send(new CopyObjectCommand({ ...bucket.at(to), ...origin }))
    } catch (error) {
      if (s3StatusOf(error) === 412) throw objectChanged(bucket, from)
      if (s3ErrorCode(error) === 'NoSuchKey') throw notFound('stored file', printable(from))
      throw error
    }
  })
  return { bytes: source.bytes }
}

interface Origin {
  CopySource: string
  CopySourceIfMatch?: string
}

async function copyByParts({ bucket, to, limits, appear }: S3Copy, bytes: number, origin: Origin): Promise<void> {
  const upload = await beginUpload(bucket, to)
  try {
    const count = Math.ceil(bytes / limits.partBytes)
    const parts: CompletedPart[] = []
    let next = 1
    const copyNext = async () => {
      while (next <= count) {
        const number = next++
        const start = (number - 1) * limits.partBytes
        const end = Math.min(start + limits.partBytes, bytes)
        const answer = await bucket.client.send(
          new UploadPartCopyCommand({
            ...bucket.at(to),
            ...origin,
            UploadId: upload,
            PartNumber: number,
            CopySourceRange: `bytes=${start}-${end - 1}`,
          }),
        )
        if (!answer.CopyPartResult?.ETag) throw failed(`s3://${bucket.name} copied a part without saying its ETag.`)
        parts.push({ PartNumber: number, ETag: answer.CopyPartResult.ETag })
      }
    }
    await Promise.all(Array.from({ length: PARTS_AT_ONCE }, copyNext))
    await completeUpload({ bucket, key: to, appear }, upload, parts)
  } catch (error) {
    await abortUpload(bucket, to, upload).catch(() => {})
    throw error
  }
  await forgetUnfinished(bucket, to, upload).catch(() => {})
}

const copySource = (bucket: S3Bucket, key: string): string =>
  `${bucket.name}/${bucket.objectKey(key).split('/').map(encodeURIComponent).join('/')}`
