/** Large files in parts: S3's own multipart uploads, so clients send parts straight to the store. */
import { Readable } from 'node:stream'
import { type CompletedPart, ListPartsCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { PartUploads } from '../ports.ts'
import { exactly, missingParts, requireKey, requirePart, requirePartCount, requirePartNumber } from './artifact-keys.ts'
import { replacing } from './s3-appearing.ts'
import type { S3Bucket } from './s3-client.ts'
import { abortUpload, beginUpload, forgetUnfinished } from './s3-unfinished.ts'
import { completeUpload } from './s3-writes.ts'

const URL_SECONDS = 3600
/** How long an upload is taken to be there after it was last seen: a client asks for many URLs at once. */
const SEEN_MS = 10_000

interface ArrivedPart {
  number: number
  bytes: number
  etag: string
}

export class S3PartUploads implements PartUploads {
  readonly #bucket: S3Bucket
  readonly #seen = new Map<string, number>()

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket
  }

  async begin(key: string): Promise<{ upload: string }> {
    requireKey(key)
    return { upload: await beginUpload(this.#bucket, key) }
  }

  async partUrl(key: string, upload: string, number: number): Promise<string> {
    requireKey(key)
    requirePartNumber(number)
    if (Date.now() - (this.#seen.get(upload) ?? 0) > SEEN_MS) await this.#arrived(key, upload, 1)
    const command = new UploadPartCommand({ ...this.#bucket.at(key), UploadId: upload, PartNumber: number })
    return getSignedUrl(this.#bucket.publicClient, command, { expiresIn: URL_SECONDS })
  }

  async writePart(
    key: string,
    upload: string,
    part: { number: number; bytes: number },
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    requireKey(key)
    requirePart(part)
    const body = Readable.from(exactly(content, part.bytes, part.number), { objectMode: false })
    const abort = new AbortController()
    let broken: { error: unknown } | undefined
    body.on('error', (error) => {
      broken ??= { error }
      abort.abort()
    })
    const request = new UploadPartCommand({
      ...this.#bucket.at(key),
      UploadId: upload,
      PartNumber: part.number,
      Body: body,
      ContentLength: part.bytes,
    })
    try {
      await this.#bucket.client.send(request, { abortSignal: abort.signal })
    } catch (error) {
      throw broken?.error ?? this.#bucket.translated({ doing: 'write', key }, error)
    } finally {
      body.destroy()
    }
  }

  async parts(key: string, upload: string): Promise<{ number: number; bytes: number }[]> {
    requireKey(key)
    return (await this.#arrived(key, upload)).map(({ number, bytes }) => ({ number, bytes }))
  }

  async complete(key: string, upload: string, count: number): Promise<{ bytes: number }> {
    requireKey(key)
    requirePartCount(count)
    const arrived = await this.#arrived(key, upload)
    const missing = missingParts(key, new Set(arrived.map(({ number }) => number)), count)
    if (missing) throw missing
    const taken = arrived.filter(({ number }) => number <= count)
    await (count === 0 ? this.#completeEmpty(key, upload) : this.#completeParts(key, upload, taken))
    this.#seen.delete(upload)
    await forgetUnfinished(this.#bucket, key, upload)
    return { bytes: taken.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  async abort(key: string, upload: string): Promise<void> {
    requireKey(key)
    this.#seen.delete(upload)
    await abortUpload(this.#bucket, key, upload)
  }

  async #completeEmpty(key: string, upload: string): Promise<void> {
    await this.#bucket.run({ doing: 'write', key }, (s3) =>
      s3.send(new PutObjectCommand({ ...this.#bucket.at(key), Body: Buffer.alloc(0), ContentLength: 0 })),
    )
    await abortUpload(this.#bucket, key, upload)
  }

  async #completeParts(key: string, upload: string, taken: readonly ArrivedPart[]): Promise<void> {
    const parts: CompletedPart[] = taken.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }))
    await completeUpload({ bucket: this.#bucket, key, appear: replacing }, upload, parts)
  }

  /** In order of their numbers; `limit`: so many are enough. */
  async #arrived(key: string, upload: string, limit = Number.POSITIVE_INFINITY): Promise<ArrivedPart[]> {
    const arrived: ArrivedPart[] = []
    let marker: string | undefined
    do {
      const request = new ListPartsCommand({ ...this.#bucket.at(key), UploadId: upload, PartNumberMarker: marker })
      const page = await this.#bucket.run({ doing: 'write', key }, (s3) => s3.send(request))
      for (const { PartNumber = 0, Size = 0, ETag = '' } of page.Parts ?? []) {
        arrived.push({ number: PartNumber, bytes: Size, etag: ETag })
      }
      marker = page.IsTruncated && arrived.length < limit ? page.NextPartNumberMarker : undefined
    } while (marker !== undefined)
    this.#remember(upload)
    return arrived
  }

  #remember(upload: string): void {
    const nowMs = Date.now()
    for (const [other, seenMs] of this.#seen) if (nowMs - seenMs > SEEN_MS) this.#seen.delete(other)
    this.#seen.set(upload, nowMs)
  }
}
