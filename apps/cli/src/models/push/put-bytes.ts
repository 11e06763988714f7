/** One PUT of a file's bytes, streamed from the disk, to the Foundry or straight to its store. */
import { createReadStream } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { invalidInput } from '@bud/kernel'
import type { Connection } from '../../config.ts'
import { brokenLine, refusedPut } from './broken-put.ts'

/** Nothing went over the line for so long: it is given up. */
const SILENCE_MS = 60_000
const CHUNK_BYTES = 256 * 1024
const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }

export interface Target {
  url: URL
  headers: Record<string, string>
  /** The Foundry's own address; else the store's, which never sees the token. */
  isOwn: boolean
}

/** A relative address is the Foundry's and takes the token; an absolute one is signed and takes none. */
export function targetOf({ url: server, token }: Pick<Connection, 'url' | 'token'>, url: string): Target {
  if (!url.startsWith('/')) return { url: new URL(url), headers: {}, isOwn: false }
  return {
    url: new URL(server.replace(/\/+$/, '') + url),
    headers: {
      'content-type': 'application/octet-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    isOwn: true,
  }
}

export interface Piece {
  /** For messages. */
  path: string
  absolute: string
  offset: number
  bytes: number
}

export interface PutOptions {
  signal: AbortSignal
  onBytes(count: number): void
}

/** Resolves once the other side has said that it has them; rejects with `BrokenPut`. */
export async function putBytes(target: Target, piece: Piece, options: PutOptions): Promise<void> {
  const answer = await exchange(target, piece, options).catch((error) => {
    options.signal.throwIfAborted()
    throw brokenLine(piece.path, target, error)
  })
  if (answer.status < 200 || answer.status > 299) throw refusedPut(piece.path, target, answer)
}

export interface PutAnswer {
  status: number
  body: string
}

function exchange(target: Target, piece: Piece, { signal, onBytes }: PutOptions): Promise<PutAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PutAnswer>()
  const isHttps = target.url.protocol === 'https:'
  const headers = { ...target.headers, 'content-length': piece.bytes }
  const options = { method: 'PUT', headers, signal, timeout: SILENCE_MS }
  const request = isHttps
    ? httpsRequest(target.url, { ...options, agent: agents.https })
    : httpRequest(target.url, { ...options, agent: agents.http })
  let isAnswered = false
  request.on('timeout', () => request.destroy(silence()))
  // A refusal may come before all is sent; then the line breaks, and the refusal is what counts.
  const broken = (error: unknown) => {
    if (!isAnswered) reject(error)
  }
  request.on('error', broken)
  request.once('response', (response) => {
    isAnswered = true
    text(response)
      .then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
      .finally(() => {
        if (!request.writableFinished) request.destroy()
      })
  })
  if (piece.bytes === 0) request.end()
  else pipeline(contentOf(piece, onBytes), request).catch(broken)
  return promise
}

const silence = () =>
  Object.assign(new Error(`nothing was heard for ${SILENCE_MS / 1000} s`), { code: 'ETIMEDOUT' as const })

async function* contentOf({ path, absolute, offset, bytes }: Piece, onBytes: (count: number) => void) {
  const content = createReadStream(absolute, { start: offset, end: offset + bytes - 1, highWaterMark: CHUNK_BYTES })
  let left = bytes
  for await (const chunk of content) {
    left -= chunk.length
    yield chunk
    onBytes(chunk.length)
  }
  if (left > 0) throw invalidInput(`${path} became shorter while it was sent. Push again once nobody writes to it.`)
}
