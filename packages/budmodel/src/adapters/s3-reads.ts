/** Reads an object as one stream that survives broken connections, and notices when the object is no longer the same. */
import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { BudError, failed, notFound } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'
import type { S3Bucket } from './s3-client.ts'
import { isPassingS3Error, s3ErrorCode, s3StatusOf } from './s3-errors.ts'

/** Without a new byte in between. Each try is itself repeated by the client while no answer comes. */
const RESUMES_WITHOUT_PROGRESS = 5
const BUFFERED_BYTES = 1024 * 1024

export interface S3ReadRequest {
  key: string
  start: number
  /** Left out: to the end. */
  end?: number | undefined
  /** Refuses any other state of the object. */
  etag?: string | undefined
}

/** `etag` is that of the object that is being read, whatever comes of it meanwhile. */
export async function openObject(bucket: S3Bucket, request: S3ReadRequest): Promise<{ body: Readable; etag: string }> {
  if (request.end !== undefined && request.end <= request.start) return openNothing(bucket, request)
  const first = await get(bucket, request)
  if (first === undefined) return openNothing(bucket, request)
  return { body: new ResumingBody(bucket, request, first), etag: first.etag }
}

export async function headObject(bucket: S3Bucket, key: string): Promise<{ bytes: number; etag: string } | undefined> {
  try {
    const found = await bucket.client.send(new HeadObjectCommand(bucket.at(key)))
    return { bytes: found.ContentLength ?? 0, etag: found.ETag ?? '' }
  } catch (error) {
    if (s3StatusOf(error) === 404) return undefined
    // Answers to HEAD have no body that says why: what GET answers does.
    if (s3StatusOf(error) === 403) await bucket.run({ doing: 'read', key }, (s3) => s3.send(probe(bucket, key)))
    throw bucket.translated({ doing: 'read', key }, error)
  }
}

export const objectChanged = (bucket: S3Bucket, key: string): BudError =>
  failed(`"${printable(key)}" of s3://${bucket.name} changed while it was read.`, [
    {
      code: 'source-changed',
      message: `"${printable(key)}" is no longer the object that was listed or first read.`,
      path: key,
      next_step: 'Wait until the files are complete, then register the model again.',
    },
  ])

interface Piece {
  stream: Readable
  bytes: number
  etag: string
}

/** undefined when nothing lies beyond `start`. */
async function get(bucket: S3Bucket, { key, start, end, etag }: S3ReadRequest): Promise<Piece | undefined> {
  const range = start === 0 && end === undefined ? undefined : `bytes=${start}-${end === undefined ? '' : end - 1}`
  try {
    const answer = await bucket.client.send(
      new GetObjectCommand({
        ...bucket.at(key),
        ...(range === undefined ? {} : { Range: range }),
        ...(etag === undefined ? {} : { IfMatch: etag }),
      }),
    )
    if (!(answer.Body instanceof Readable) || answer.ContentLength === undefined) throw unexpectedAnswer(bucket, key)
    if (start > 0 && !answer.ContentRange?.startsWith(`bytes ${start}-`)) {
      answer.Body.destroy()
      throw unexpectedAnswer(bucket, key)
    }
    return { stream: answer.Body, bytes: answer.ContentLength, etag: answer.ETag ?? '' }
  } catch (error) {
    if (s3StatusOf(error) === 416) return undefined
    if (s3StatusOf(error) === 412) throw objectChanged(bucket, key)
    if (s3ErrorCode(error) === 'NoSuchKey') throw notFound('stored file', printable(key))
    throw bucket.translated({ doing: 'read', key }, error)
  }
}

async function openNothing(bucket: S3Bucket, { key, etag }: S3ReadRequest): Promise<{ body: Readable; etag: string }> {
  const found = await headObject(bucket, key)
  if (!found) throw notFound('stored file', printable(key))
  if (etag !== undefined && found.etag !== etag) throw objectChanged(bucket, key)
  return { body: Readable.from([], { objectMode: false }), etag: found.etag }
}

const probe = (bucket: S3Bucket, key: string) => new GetObjectCommand({ ...bucket.at(key), Range: 'bytes=0-0' })

const unexpectedAnswer = (bucket: S3Bucket, key: string): BudError =>
  failed(`s3://${bucket.name} answered "${printable(key)}" without a length or from another place than asked for.`)

/** Hands on what the server sends, as it comes; after a break it asks for the rest of the same object. */
class ResumingBody extends Readable {
  readonly #bucket: S3Bucket
  readonly #request: S3ReadRequest
  readonly #etag: string
  #next: number
  readonly #end: number
  #piece: Readable
  #failures = 0

  constructor(bucket: S3Bucket, request: S3ReadRequest, first: Piece) {
    super({ highWaterMark: BUFFERED_BYTES })
    this.#bucket = bucket
    this.#request = request
    this.#etag = first.etag
    this.#next = request.start
    this.#end = request.start + first.bytes
    this.#piece = first.stream
    this.#follow(first.stream)
  }

  override _read(): void {
    this.#piece.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#piece.destroy()
    done(error)
  }

  #follow(piece: Readable): void {
    this.#piece = piece
    let over = false
    const onEnd = (error?: unknown) => {
      if (over || this.destroyed) return
      over = true
      if (this.#next === this.#end) this.push(null)
      else void this.#resume(error)
    }
    piece.on('data', (chunk: Buffer) => {
      this.#next += chunk.length
      this.#failures = 0
      if (!this.push(chunk)) piece.pause()
    })
    piece.on('end', onEnd)
    piece.on('error', onEnd)
    piece.on('close', onEnd)
  }

  async #resume(error: unknown): Promise<void> {
    try {
      if (error !== undefined && !isPassingS3Error(error)) throw error
      if (++this.#failures > RESUMES_WITHOUT_PROGRESS) throw error ?? new Error('aborted')
      const rest = await get(this.#bucket, {
        key: this.#request.key,
        start: this.#next,
        end: this.#end,
        etag: this.#etag || undefined,
      })
      if (rest?.bytes !== this.#end - this.#next) throw objectChanged(this.#bucket, this.#request.key)
      if (this.destroyed) rest.stream.destroy()
      else this.#follow(rest.stream)
    } catch (failure) {
      const { key } = this.#request
      const gone = failure instanceof BudError && failure.code === 'not-found'
      this.destroy(
        asError(gone ? objectChanged(this.#bucket, key) : this.#bucket.translated({ doing: 'read', key }, failure)),
      )
    }
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
