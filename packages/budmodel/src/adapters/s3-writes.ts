/** Streams content of unknown length into an object: in one request when it is small, else in parts with bounded memory. */
import { createHash } from 'node:crypto'
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { failed } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'
import { storedAlready } from './artifact-keys.ts'
import type { Appear } from './s3-appearing.ts'
import type { S3Bucket } from './s3-client.ts'
import { s3AttemptsOf, s3ErrorCode, s3StatusOf } from './s3-errors.ts'
import { MIB, type PartBuffers, partBytes, partsInFlight } from './s3-part-plan.ts'
import { headObject } from './s3-reads.ts'
import { abortUpload, beginUpload, forgetUnfinished } from './s3-unfinished.ts'

const SMALL_BYTES = MIB
const MAX_PARTS = 10_000

export interface S3Write {
  bucket: S3Bucket
  key: string
  buffers: PartBuffers
  /** Runs the request that makes the object visible, with the condition that it has to carry. */
  appear: Appear
  /** Before more than one small request is made. */
  beforeLarge(): Promise<void>
}

interface Written {
  bytes: number
  /** Without its quotes. */
  etag: string
}

/** Rejects with the content's own error when the content breaks off; then nothing is left of it. */
export async function writeObject(write: S3Write, content: AsyncIterable<Uint8Array>): Promise<Written> {
  const chunks = content[Symbol.asyncIterator]()
  try {
    const { start, ended } = await gather(chunks)
    if (!ended) return await write.buffers.using(() => writeLarge(write, start, chunks))
    const body = Buffer.concat(start)
    return { bytes: body.length, etag: await put(write, body) }
  } catch (error) {
    await chunks.return?.().catch(() => {})
    throw error
  }
}

/** The first `SMALL_BYTES` or a little more; many objects have no more than that. */
async function gather(chunks: AsyncIterator<Uint8Array>): Promise<{ start: Uint8Array[]; ended: boolean }> {
  const start: Uint8Array[] = []
  let bytes = 0
  while (bytes <= SMALL_BYTES) {
    const next = await chunks.next()
    if (next.done) return { start, ended: true }
    start.push(next.value)
    bytes += next.value.length
  }
  return { start, ended: false }
}

/** One part, if that is all there is, is put in one request; else it becomes the first of an upload. */
async function writeLarge(
  write: S3Write,
  start: readonly Uint8Array[],
  chunks: AsyncIterator<Uint8Array>,
): Promise<Written> {
  await write.beforeLarge()
  const parts = partsOf(write.buffers, start, chunks)
  const first = await parts.next()
  if (first.done) throw failed(`"${printable(write.key)}" has no content.`)
  if (first.value.last) {
    const etag = await put(write, first.value.body)
    write.buffers.give(first.value.buffer)
    return { bytes: first.value.body.length, etag }
  }
  return new MultipartWrite(write).run(first.value, parts)
}

interface Part {
  number: number
  /** What of `buffer` is filled. */
  body: Buffer
  buffer: Buffer
  last: boolean
}

async function* partsOf(
  buffers: PartBuffers,
  start: readonly Uint8Array[],
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Part, void> {
  let number = 1
  let buffer = buffers.take(partBytes(number))
  let filled = 0
  const rest = async function* () {
    yield* start
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  for await (let chunk of rest()) {
    while (chunk.length > 0) {
      if (filled === buffer.length) {
        yield { number, body: buffer, buffer, last: false }
        buffer = buffers.take(partBytes(++number))
        filled = 0
      }
      const taken = Math.min(chunk.length, buffer.length - filled)
      buffer.set(chunk.subarray(0, taken), filled)
      filled += taken
      chunk = chunk.subarray(taken)
    }
  }
  yield { number, body: buffer.subarray(0, filled), buffer, last: true }
}

class MultipartWrite {
  readonly #write: S3Write
  readonly #abort = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  readonly #done: CompletedPart[] = []
  #bytes = 0
  #failure: { error: unknown } | undefined

  constructor(write: S3Write) {
    this.#write = write
  }

  async run(first: Part, rest: AsyncIterable<Part>): Promise<Written> {
    const { bucket, key } = this.#write
    const upload = await beginUpload(bucket, key)
    let etag: string
    try {
      await this.#send(upload, first)
      for await (const part of rest) await this.#send(upload, part)
      await Promise.all(this.#underWay)
      this.#throwFailure()
      etag = await completeUpload(this.#write, upload, this.#done)
    } catch (error) {
      this.#abort.abort()
      await Promise.all(this.#underWay)
      // What cannot be removed now is found by a sweep; why the write failed matters more.
      await abortUpload(bucket, key, upload).catch(() => {})
      throw this.#failure?.error ?? error
    }
    await forgetUnfinished(bucket, key, upload).catch(() => {})
    return { bytes: this.#bytes, etag }
  }

  /** Resolves as soon as the next part may be filled. */
  async #send(upload: string, part: Part): Promise<void> {
    if (part.number > MAX_PARTS) throw tooLarge(this.#write.key)
    this.#bytes += part.body.length
    const sending = this.#sendPart(upload, part)
      .catch((error) => {
        // Parts that end because another one failed say nothing new.
        if (!this.#abort.signal.aborted) this.#failure = { error }
        this.#abort.abort()
      })
      .finally(() => this.#underWay.delete(sending))
    this.#underWay.add(sending)
    while (this.#underWay.size >= partsInFlight(part.buffer.length)) await Promise.race(this.#underWay)
    this.#throwFailure()
  }

  async #sendPart(upload: string, { number, body, buffer }: Part): Promise<void> {
    const { bucket, key, buffers } = this.#write
    const request = { ...bucket.at(key), UploadId: upload, PartNumber: number, Body: body, ContentLength: body.length }
    const { ETag } = await bucket.run({ doing: 'write', key }, (s3) =>
      s3.send(new UploadPartCommand(request), { abortSignal: this.#abort.signal }),
    )
    buffers.give(buffer)
    this.#done.push({ PartNumber: number, ETag })
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error
  }
}

/** Answers the ETag, without its quotes. */
async function put({ bucket, key, appear }: S3Write, body: Buffer): Promise<string> {
  const etag = () => createHash('md5').update(body).digest('hex')
  return bucket.run({ doing: 'write', key }, (s3) =>
    appear(async (condition) => {
      const request = { ...bucket.at(key), ...condition, Body: body, ContentLength: body.length }
      const sent = s3.send(new PutObjectCommand(request)).then(({ ETag }) => unquoted(ETag))
      return sent.catch((error) => settleRefusal({ bucket, key }, error, etag))
    }),
  )
}

export async function completeUpload(
  { bucket, key, appear }: Pick<S3Write, 'bucket' | 'key' | 'appear'>,
  upload: string,
  parts: readonly CompletedPart[],
): Promise<string> {
  const Parts = parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0))
  const etag = () => multipartEtag(Parts)
  return bucket.run({ doing: 'write', key }, (s3) =>
    appear(async (condition) => {
      const request = { ...bucket.at(key), ...condition, UploadId: upload, MultipartUpload: { Parts } }
      const sent = s3.send(new CompleteMultipartUploadCommand(request)).then(({ ETag }) => unquoted(ETag))
      return sent.catch((error) => settleRefusal({ bucket, key }, error, etag))
    }),
  )
}

/**
 * A request that was sent again because its answer was lost is refused although the first one succeeded: then the object
 * has the ETag that ours would have. Else the refusal stands.
 */
async function settleRefusal(
  { bucket, key }: { bucket: S3Bucket; key: string },
  error: unknown,
  expectedEtag: () => string,
): Promise<string> {
  const refused = [409, 412].includes(s3StatusOf(error) ?? 0) && s3ErrorCode(error) !== 'ObjectParentIsFile'
  const sentAgain = s3AttemptsOf(error) > 1 && (refused || s3ErrorCode(error) === 'NoSuchUpload')
  if (sentAgain && unquoted((await headObject(bucket, key))?.etag) === expectedEtag()) return expectedEtag()
  throw refused ? storedAlready(key) : error
}

/** As servers make it that keep MD5 sums: the MD5 of the parts' MD5s, and how many there are. */
function multipartEtag(parts: readonly CompletedPart[]): string {
  const hash = createHash('md5')
  for (const { ETag = '' } of parts) hash.update(Buffer.from(ETag.replaceAll('"', ''), 'hex'))
  return `${hash.digest('hex')}-${parts.length}`
}

const unquoted = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '')

const tooLarge = (key: string) => failed(`"${printable(key)}" is larger than the 5 TiB that S3 stores in one object.`)
