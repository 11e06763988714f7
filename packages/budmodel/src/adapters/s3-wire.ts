/**
 * Requests that carry content. The SDK spends a millisecond on each, which is most of what a small file costs; these go
 * to the same place, over the same connections, and fail with errors of the same shape. Content is not hashed once more
 * for the signature, here and on the server: it has one digest over the whole file, and is held against that whenever it
 * is read again.
 */
import { type ClientRequest, type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { systemClock } from '@bud/kernel'
import { isPassingS3Error, s3ErrorCode } from './s3-errors.ts'
import { encodePath, queryText, type S3Credentials, S3Signer } from './s3-signature.ts'

export interface S3WireOptions {
  credentials: S3Credentials
  /** The address below which the bucket’s keys lie, ending in "/". */
  base: () => Promise<URL>
  agents: { http: HttpAgent; https: HttpsAgent }
  connectTimeoutMs: number
  silenceTimeoutMs: number
  maxAttempts: number
}

export interface WireRequest {
  method: 'GET' | 'PUT'
  objectKey: string
  query?: Record<string, string>
  /** Lower-case names. */
  headers?: Record<string, string>
  body?: Buffer
  signal?: AbortSignal
}

const FIRST_PAUSE_MS = 100
/** Of larger contents the server may refuse the request before they are sent. */
const EXPECT_FROM_BYTES = 1024 * 1024
const EXPECT_LIMIT_MS = 1000
const MAX_ERROR_BYTES = 64 * 1024

export class S3Wire {
  readonly #options: S3WireOptions
  readonly #signer: S3Signer
  #base: Promise<URL> | undefined
  /** How far the server’s clock is ahead of ours. */
  #skewMs = 0

  constructor(options: S3WireOptions) {
    this.#options = options
    this.#signer = new S3Signer(options.credentials)
  }

  /** An answer of success, its body unread. Tried again while the server is busy or cannot be reached. */
  async send(request: WireRequest): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sendOnce(request, attempt)
      } catch (error) {
        request.signal?.throwIfAborted()
        const again = isPassingS3Error(error) || s3ErrorCode(error) === 'RequestTimeTooSkewed'
        if (!again || attempt >= this.#options.maxAttempts) throw withAttempts(error, attempt)
        await systemClock.sleep(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2), request.signal)
      }
    }
  }

  /** For requests whose answer is in its headers. */
  async sendAll(request: WireRequest): Promise<IncomingMessage> {
    const answer = await this.send(request)
    for await (const _ of answer);
    return answer
  }

  async #sendOnce(request: WireRequest, attempt: number): Promise<IncomingMessage> {
    this.#base ??= this.#options.base()
    const outgoing = this.#open(await this.#base, request)
    const answer = await this.#answerOf(outgoing, request)
    const status = answer.statusCode ?? 0
    if (status >= 200 && status < 300) return answer
    const text = await errorText(answer)
    // It has refused before it had all of the content.
    if (!outgoing.writableFinished) outgoing.destroy()
    const code = /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? `Status${status}`
    if (code === 'RequestTimeTooSkewed') this.#skewMs = Date.parse(answer.headers.date ?? '') - Date.now() || 0
    const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? `answered ${status}`
    throw Object.assign(new Error(message), { Code: code, $metadata: { httpStatusCode: status, attempts: attempt } })
  }

  #open(base: URL, { method, objectKey, query = {}, headers = {}, body }: WireRequest): ClientRequest {
    const path = `${base.pathname}${encodePath(objectKey)}`
    const unsigned = { method, host: base.host, path, query, headers }
    const signed = this.#signer.sign(unsigned, new Date(Date.now() + this.#skewMs))
    const text = queryText(query)
    const secure = base.protocol === 'https:'
    const { agents } = this.#options
    return (secure ? httpsRequest : httpRequest)({
      method,
      hostname: base.hostname,
      port: base.port,
      path: text === '' ? path : `${path}?${text}`,
      agent: secure ? agents.https : agents.http,
      headers: {
        ...signed,
        ...(body === undefined ? {} : { 'content-length': body.length }),
        ...(body && body.length >= EXPECT_FROM_BYTES ? { expect: '100-continue' } : {}),
      },
    })
  }

  #answerOf(outgoing: ClientRequest, { body, signal }: WireRequest): Promise<IncomingMessage> {
    const { connectTimeoutMs, silenceTimeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const timers = new Set<NodeJS.Timeout>()
      const after = (ms: number, then: () => void) => timers.add(setTimeout(then, ms))
      const settle = () => {
        for (const timer of timers) clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = () => outgoing.destroy(signal?.reason)
      signal?.addEventListener('abort', onAbort)
      outgoing.on('error', (error) => {
        settle()
        reject(error)
      })
      outgoing.once('response', (answer) => {
        settle()
        resolve(answer)
      })
      outgoing.setTimeout(silenceTimeoutMs, () => outgoing.destroy(timedOut()))
      outgoing.once('socket', (socket) => {
        if (!socket.connecting) return
        const limit = setTimeout(() => outgoing.destroy(timedOut()), connectTimeoutMs)
        timers.add(limit)
        socket.once('connect', () => clearTimeout(limit))
      })
      if (body === undefined || body.length < EXPECT_FROM_BYTES) outgoing.end(body)
      else {
        const sendBody = () => void (outgoing.writableEnded || outgoing.end(body))
        outgoing.once('continue', sendBody)
        after(EXPECT_LIMIT_MS, sendBody)
        outgoing.flushHeaders()
      }
    })
  }
}

const timedOut = (): Error => Object.assign(new Error('The server was silent for too long.'), { code: 'ETIMEDOUT' })

async function errorText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_ERROR_BYTES) chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** How often it was sent tells whether an earlier try may have succeeded unheard. */
function withAttempts(error: unknown, attempts: number): unknown {
  if (!(error instanceof Error)) return error
  const metadata = '$metadata' in error ? (error.$metadata as object) : {}
  return Object.assign(error, { $metadata: { ...metadata, attempts } })
}
