/** AWS signature version 4 in request headers, for requests whose content is not hashed beforehand. */
import { createHash, createHmac, type Hmac } from 'node:crypto'

export interface S3Credentials {
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

export interface UnsignedRequest {
  method: string
  host: string
  /** Encoded as it is sent. */
  path: string
  query: Record<string, string>
  /** Lower-case names; all of them are signed. */
  headers: Record<string, string>
}

const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'

/** Derives the key of a day once. */
export class S3Signer {
  readonly #credentials: S3Credentials
  #day = ''
  #key: Buffer = Buffer.alloc(0)

  constructor(credentials: S3Credentials) {
    this.#credentials = credentials
  }

  /** The headers with which the request is to be sent, besides that of the host. */
  sign({ method, host, path, query, headers }: UnsignedRequest, now: Date): Record<string, string> {
    const { region, accessKeyId, sessionToken } = this.#credentials
    const date = now.toISOString().replace(/[-:]|\.\d+/g, '')
    const day = date.slice(0, 8)
    const sent: Record<string, string> = {
      ...headers,
      'x-amz-content-sha256': UNSIGNED_PAYLOAD,
      'x-amz-date': date,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    }
    const signed: Record<string, string> = { ...sent, host }
    const names = Object.keys(signed).sort()
    const canonical = [
      method,
      path,
      queryText(query),
      ...names.map((name) => `${name}:${signed[name]}`),
      '',
      names.join(';'),
      UNSIGNED_PAYLOAD,
    ].join('\n')
    const scope = `${day}/${region}/s3/aws4_request`
    const digest = createHash('sha256').update(canonical).digest('hex')
    const signature = hmac(this.#keyOf(day), `AWS4-HMAC-SHA256\n${date}\n${scope}\n${digest}`).digest('hex')
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
    return { ...sent, authorization }
  }

  #keyOf(day: string): Buffer {
    if (day !== this.#day) {
      const { secretAccessKey, region } = this.#credentials
      let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`)
      for (const part of [day, region, 's3', 'aws4_request']) key = hmac(key, part).digest()
      this.#key = key
      this.#day = day
    }
    return this.#key
  }
}

const hmac = (key: Buffer, text: string): Hmac => createHmac('sha256', key).update(text)

/** As it is both signed and sent: in the order of the names. */
export function queryText(query: Record<string, string>): string {
  const names = Object.keys(query).sort()
  return names.map((name) => `${encode(name)}=${encode(query[name] ?? '')}`).join('&')
}

export const encodePath = (path: string): string => path.split('/').map(encode).join('/')

/** RFC 3986: more than encodeURIComponent encodes. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
