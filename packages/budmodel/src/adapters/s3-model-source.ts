/** `s3://bucket/prefix`: buckets that a project has a connection to; what has none is left to another source. */
import type { Readable } from 'node:stream'
import { type BudError, invalidInput } from '@bud/kernel'
import { oddPathReason, printable } from '../domain/file-path.ts'
import type { ModelSource, PlaceRequest, S3Connection, SourceListing, SourcePlace } from '../ports.ts'
import { KnownStates } from './known-states.ts'
import { S3Bucket } from './s3-client.ts'
import { listObjects, probeObjects } from './s3-listing.ts'
import { openObject } from './s3-reads.ts'
import { badSource, MAX_FILES, sortListing, tooManyFiles } from './source-listing.ts'

export interface S3ModelSourceOptions {
  /** undefined: the project has no connection to that bucket. */
  connectionOf(projectId: string, bucket: string): Promise<S3Connection | undefined>
  /** Answers for buckets without a connection. */
  otherwise: ModelSource
}

export function createS3ModelSource({ connectionOf, otherwise }: S3ModelSourceOptions): ModelSource {
  const buckets = new OpenBuckets()
  return {
    scheme: 's3',
    async find(request: PlaceRequest): Promise<SourcePlace> {
      const [name = '', ...rest] = request.location.split('/')
      const connection = await connectionOf(request.project_id, name)
      if (!connection) return otherwise.find(request)
      const prefix = rest.join('/').replace(/\/+$/, '')
      const odd = prefix === '' ? undefined : oddPathReason(prefix)
      const shown = printable(request.location)
      if (odd) throw invalidInput(`"s3://${shown}" cannot be used: what follows the bucket ${odd}.`)
      const bucket = buckets.of(connection)
      if (!(await probeObjects(bucket, prefix))) throw nothingThere(name, prefix)
      return new S3SourcePlace(bucket, prefix)
    },
  }
}

/** Clients with their connections: an import finds its place again with every step. */
class OpenBuckets {
  static readonly #MAX = 16
  readonly #open = new Map<string, S3Bucket>()

  of(connection: S3Connection): S3Bucket {
    const { bucket, endpoint, region, accessKeyId, secretAccessKey, sessionToken, pathStyle } = connection
    const key = JSON.stringify([bucket, endpoint, region, accessKeyId, secretAccessKey, sessionToken, pathStyle])
    const found = this.#open.get(key) ?? new S3Bucket(connection)
    // The one that was used last is the last to go.
    this.#open.delete(key)
    this.#open.set(key, found)
    for (const oldest of this.#open.keys()) if (this.#open.size > OpenBuckets.#MAX) this.#open.delete(oldest)
    return found
  }
}

class S3SourcePlace implements SourcePlace {
  readonly pinned: string
  readonly #bucket: S3Bucket
  readonly #prefix: string
  /** ETags. */
  readonly #states = new KnownStates()

  constructor(bucket: S3Bucket, prefix: string) {
    this.#bucket = bucket
    this.#prefix = prefix
    this.pinned = `s3://${bucket.name}${prefix === '' ? '' : `/${prefix}`}`
  }

  async list(): Promise<SourceListing> {
    const listing: SourceListing = { files: [], refused: [] }
    for await (const { key, bytes, etag } of listObjects(this.#bucket, this.#prefix)) {
      const path = this.#prefix === '' ? key : key.slice(this.#prefix.length + 1)
      // What consoles make to show an empty folder.
      if (bytes === 0 && (path === '' || path.endsWith('/'))) continue
      const odd = oddPathReason(path)
      if (odd) {
        const shown = printable(path)
        const message = `The name "${shown}" ${odd}; it was not taken.`
        listing.refused.push({ path: shown, rule: 'odd-name', message })
        continue
      }
      this.#states.listed(path, etag)
      listing.files.push({ path, bytes })
      if (listing.files.length > MAX_FILES) throw tooManyFiles(this.pinned)
    }
    return sortListing(listing)
  }

  async open(path: string, start = 0): Promise<Readable> {
    const odd = oddPathReason(path)
    if (odd) throw invalidInput(`The file name "${printable(path)}" cannot be used: it ${odd}.`)
    const key = this.#prefix === '' ? path : `${this.#prefix}/${path}`
    const { body, etag } = await openObject(this.#bucket, { key, start, etag: this.#states.of(path) })
    try {
      this.#states.hold(path, etag)
      return body
    } catch (error) {
      body.destroy()
      throw error
    }
  }
}

const nothingThere = (bucket: string, prefix: string): BudError =>
  badSource(`There are no files at s3://${bucket}/${prefix}.`, {
    code: 'source-not-found',
    message: `The bucket "${bucket}" holds nothing below "${prefix}/".`,
    next_step: 'Correct the path: it names a folder of the bucket, with the model’s files in it.',
  })
