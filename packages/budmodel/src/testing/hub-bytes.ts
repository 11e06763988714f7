/** The bytes of one file over HTTP: ranges, conditions, and connections that break where a test says. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { bytesOf, type HubFile } from './hub-repository.ts'

interface Serving {
  etag: string
  /** Small files are compressed for clients that allow it. */
  compresses: boolean
  trouble: { cutAt?: number; ignoresRanges?: boolean } | undefined
}

export async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  file: HubFile,
  { etag, compresses, trouble }: Serving,
): Promise<void> {
  const range = trouble?.ignoresRanges ? undefined : rangeOf(request, etag)
  if (range && range.start >= file.bytes) {
    response.writeHead(416, { 'content-range': `bytes */${file.bytes}` }).end()
    return
  }
  if (!range && compresses && /\bgzip\b/.test(`${request.headers['accept-encoding'] ?? ''}`)) {
    const body = gzipSync(Buffer.concat([...bytesOf(file, 0, file.bytes)]))
    response.writeHead(200, { etag: `W/${etag}`, 'content-encoding': 'gzip', 'content-length': body.length }).end(body)
    return
  }
  const start = range?.start ?? 0
  const end = Math.min(range?.end ?? file.bytes, file.bytes)
  response.writeHead(range ? 206 : 200, {
    etag,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'content-length': end - start,
    ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${file.bytes}` } : {}),
  })
  if (request.method === 'HEAD') return void response.end()
  const cutAt = trouble?.cutAt ?? Number.POSITIVE_INFINITY
  for (const piece of bytesOf(file, start, Math.min(end, Math.max(cutAt, start)))) await written(response, piece)
  if (cutAt > end) response.end()
  else response.destroy()
}

/** The range, where there is one and the condition on it holds. */
function rangeOf({ headers }: IncomingMessage, etag: string): { start: number; end: number } | undefined {
  const [, start, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (start === undefined || (headers['if-range'] !== undefined && headers['if-range'] !== etag)) return undefined
  return { start: Number(start), end: last ? Number(last) + 1 : Number.POSITIVE_INFINITY }
}

const written = (response: ServerResponse, piece: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => response.write(piece, (error) => (error ? reject(error) : resolve())))
