/** The little HTTP that both halves need over node:http, which holds a stream for a fraction of a framework's memory. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Bodies of engines are prompts; of the control protocol, releases. */
const BODY_BYTES_MOST = 64 * 2 ** 20

export class BodyTooLarge extends Error {}

/** The whole body as text. Throws `BodyTooLarge`. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MOST) throw new BodyTooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Sends JSON, or nothing where `body` is undefined; the number of bytes sent. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): number {
  const text = body === undefined ? '' : JSON.stringify(body)
  const length = Buffer.byteLength(text)
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  response.writeHead(status, { ...headers, ...type, 'content-length': length })
  response.end(text)
  return length
}

export function sendText(
  response: ServerResponse,
  text: string,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): number {
  const length = Buffer.byteLength(text)
  response.writeHead(200, { ...headers, 'content-type': contentType, 'content-length': length })
  response.end(text)
  return length
}
