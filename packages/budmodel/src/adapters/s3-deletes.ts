/** Deletes what lies below a prefix, a thousand objects with each request. */
import { DeleteObjectsCommand, type DeleteObjectsCommandOutput } from '@aws-sdk/client-s3'
import { printable } from '../domain/file-path.ts'
import type { S3Bucket } from './s3-client.ts'
import { listObjects } from './s3-listing.ts'

const AT_ONCE = 1000

export async function deleteObjects(bucket: S3Bucket, prefix: string): Promise<void> {
  let keys: string[] = []
  for await (const { key } of listObjects(bucket, prefix)) {
    keys.push(key)
    if (keys.length < AT_ONCE) continue
    await deleteKeys(bucket, keys)
    keys = []
  }
  if (keys.length > 0) await deleteKeys(bucket, keys)
}

async function deleteKeys(bucket: S3Bucket, keys: readonly string[]): Promise<void> {
  const Objects = keys.map((key) => ({ Key: bucket.objectKey(key) }))
  await bucket.run({ doing: 'delete', key: keys[0] ?? '' }, async (s3) => {
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects, Quiet: true } }))
    throwFirstRefusal(answer)
  })
}

/** The request succeeds as a whole, also where single objects were refused. */
function throwFirstRefusal({ Errors = [] }: DeleteObjectsCommandOutput): void {
  const refused = Errors.find(({ Code }) => Code !== 'NoSuchKey')
  if (!refused) return
  const { Code = 'InternalError', Key = '' } = refused
  const httpStatusCode = Code === 'AccessDenied' ? 403 : 500
  throw Object.assign(new Error(`"${printable(Key)}" was not deleted`), { Code, $metadata: { httpStatusCode } })
}
