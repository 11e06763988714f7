/** What a bucket holds below a prefix, page by page. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { StoredObject } from '../ports.ts'
import type { S3Bucket } from './s3-client.ts'

export interface ListedObject extends StoredObject {
  etag: string
}

/** Every object whose key starts with `prefix` + "/" (everything for ''), in the order of the keys' UTF-8 bytes. */
export async function* listObjects(bucket: S3Bucket, prefix: string): AsyncIterable<ListedObject> {
  const Prefix = bucket.objectKey(prefix === '' ? '' : `${prefix}/`)
  let token: string | undefined
  do {
    // URL encoding: XML could not carry every character that a key may have.
    const request = new ListObjectsV2Command({
      Bucket: bucket.name,
      Prefix,
      EncodingType: 'url',
      ContinuationToken: token,
    })
    const page = await bucket.run({ doing: 'list', key: prefix }, (s3) => s3.send(request))
    for (const { Key, Size, LastModified, ETag } of page.Contents ?? []) {
      if (Key === undefined) continue
      const key = bucket.keyOf(page.EncodingType === 'url' ? decodeKey(Key) : Key)
      yield { key, bytes: Size ?? 0, changed_ms: LastModified?.getTime() ?? 0, etag: ETag ?? '' }
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

/** Rejects when the bucket cannot be reached or listed with these credentials. `true` when something lies there. */
export async function probeObjects(bucket: S3Bucket, prefix: string): Promise<boolean> {
  const Prefix = bucket.objectKey(prefix === '' ? '' : `${prefix}/`)
  const page = await bucket.run({ doing: 'list', key: prefix }, (s3) =>
    s3.send(new ListObjectsV2Command({ Bucket: bucket.name, Prefix, MaxKeys: 1 })),
  )
  return (page.Contents?.length ?? 0) > 0
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}
