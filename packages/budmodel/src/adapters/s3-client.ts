/** One bucket of an S3-compatible server as the adapters see it: a client that is set up once, and errors that people can act on. */
import { createHash } from 'node:crypto'
import { lookup } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { S3Client } from '@aws-sdk/client-s3'
import type { S3Connection } from '../ports.ts'
import { type S3Subject, translateS3Error } from './s3-errors.ts'

/** A bucket, or a part of one, as the place of an installation's own files. */
export interface S3Place extends S3Connection {
  /** Everything lies below this, without slashes at its ends; left out: the whole bucket. */
  prefix?: string
  /** Used in presigned URLs, when clients reach the store by another address. */
  publicEndpoint?: string
}

const CONNECT_TIMEOUT_MS = 10_000
/** Without a byte in either direction. A server that copies 5 GiB on its side is silent for long. */
const SILENCE_TIMEOUT_MS = 300_000
const MAX_SOCKETS = 64
/** The first try and three more, with growing pauses: the server was busy, or a connection broke. */
const MAX_ATTEMPTS = 4

export class S3Bucket {
  readonly client: S3Client
  readonly name: string
  readonly #prefix: string
  readonly #connection: S3Place
  #publicClient: S3Client | undefined

  constructor(connection: S3Place) {
    this.#connection = connection
    this.name = connection.bucket
    this.#prefix = connection.prefix ? `${connection.prefix.replace(/^\/+|\/+$/g, '')}/` : ''
    this.client = createClient(connection, connection.endpoint)
  }

  /** Signs URLs for clients, who may know the server by another address. */
  get publicClient(): S3Client {
    this.#publicClient ??= createClient(this.#connection, this.#connection.publicEndpoint ?? this.#connection.endpoint)
    return this.#publicClient
  }

  objectKey(key: string): string {
    return `${this.#prefix}${key}`
  }

  /** The reverse of `objectKey`. */
  keyOf(objectKey: string): string {
    return objectKey.slice(this.#prefix.length)
  }

  /** What a request needs to name an object. */
  at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.name, Key: this.objectKey(key) }
  }

  /** Runs requests; whatever they reject with becomes a sentence about `subject`. */
  async run<T>(subject: S3Subject, requests: (client: S3Client) => Promise<T>): Promise<T> {
    try {
      return await requests(this.client)
    } catch (error) {
      throw this.translated(subject, error)
    }
  }

  translated(subject: S3Subject, error: unknown): unknown {
    return translateS3Error(error, subject, {
      bucket: this.name,
      endpoint: this.#connection.endpoint,
      region: this.#connection.region,
    })
  }
}

function createClient(connection: S3Connection, endpoint: string | undefined): S3Client {
  const { accessKeyId, secretAccessKey, sessionToken } = connection
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS, lookup: lookupLocalhost }
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    region: connection.region,
    forcePathStyle: connection.pathStyle,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    // Servers older than these checksums refuse requests that carry them.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: MAX_ATTEMPTS,
    // Every request of a kind goes the same way.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      // Uploads of many files wait for a free connection; that is no reason for warnings.
      socketAcquisitionWarningTimeout: SILENCE_TIMEOUT_MS,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    },
  })
  changeHeaders(client, leavePayloadUnsigned)
  changeHeaders(client, sumDeletesByMd5)
  return client
}

interface OutgoingRequest {
  headers: Record<string, string>
  body?: unknown
}

/** Before a request is signed. */
function changeHeaders(client: S3Client, change: (command: string, request: OutgoingRequest) => void): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        change(commandName, args.request as OutgoingRequest)
        return next(args)
      },
    { step: 'build', priority: 'low', name: change.name },
  )
}

/**
 * Content is hashed once, over the whole file, and held against that digest whenever it is read again: hashing each part
 * once more for its signature, here and on the server, would cost a third of the speed.
 */
function leavePayloadUnsigned(command: string, { headers }: OutgoingRequest): void {
  if (command !== 'UploadPartCommand' && command !== 'PutObjectCommand') return
  headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
}

/** The one request that needs a checksum: every server knows MD5, not every one the newer sums. */
function sumDeletesByMd5(command: string, { headers, body }: OutgoingRequest): void {
  if (command !== 'DeleteObjectsCommand' || typeof body !== 'string') return
  for (const name of Object.keys(headers)) if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete headers[name]
  headers['content-md5'] = createHash('md5').update(body).digest('base64')
}

/** Names below localhost are this machine (RFC 6761), also where the system's resolver does not know it. */
const lookupLocalhost: LookupFunction = (hostname, options, done) =>
  lookup(hostname.endsWith('.localhost') ? 'localhost' : hostname, options, done)
