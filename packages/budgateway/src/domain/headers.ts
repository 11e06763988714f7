/** Which headers cross the gateway. The inference key and cookies never reach a replica. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

const TO_REPLICA = ['content-type', 'accept', 'user-agent', 'traceparent', 'tracestate'] as const
/** Of one connection only, or ours to set. */
const NOT_TO_CLIENT = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'date',
  'server',
  'set-cookie',
  'x-request-id',
  'content-length',
])

/** Plain answers only: what is compressed cannot be counted. */
export function toReplicaHeaders(client: IncomingHttpHeaders, requestId: string): Record<string, string> {
  const headers: Record<string, string> = { 'x-request-id': requestId, 'accept-encoding': 'identity' }
  for (const name of TO_REPLICA) {
    const value = client[name]
    if (typeof value === 'string') headers[name] = value
  }
  return headers
}

/** `own` wins. The length is kept where the body passes unchanged. */
export function toClientHeaders(
  replica: IncomingHttpHeaders,
  own: OutgoingHttpHeaders,
  { keepLength }: { keepLength: boolean },
): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (const name in replica) {
    if (!NOT_TO_CLIENT.has(name) && !name.startsWith('access-control-')) headers[name] = replica[name]
  }
  if (keepLength && replica['content-length']) headers['content-length'] = replica['content-length']
  return Object.assign(headers, own)
}

/** The client's own id when it is fit for a header and a log line. */
export const acceptRequestId = (sent: string | string[] | undefined): string | undefined =>
  typeof sent === 'string' && /^[\w.:-]{1,128}$/.test(sent) ? sent : undefined
