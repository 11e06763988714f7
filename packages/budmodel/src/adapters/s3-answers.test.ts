/** What real servers cannot be made to answer at will. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { chunksOf } from '../testing/artifact-store.contract.ts'
import { openS3ArtifactStore } from './s3-artifact-store.ts'
import type { S3Place } from './s3-client.ts'

const SECRET = 'secret-of-a-test-1234567890'
const TOKEN = 'session-token-of-a-test'
const EMPTY_LIST = '<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>'

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void

let server: Server
let place: S3Place
let requests: string[]
/** Answers what is not a list. */
let answer: Answer

beforeEach(async () => {
  requests = []
  answer = refuse(404, 'NoSuchKey')
  server = createServer(async (request, response) => {
    const body = await buffer(request)
    const isList = request.method === 'GET' && request.url?.includes('list-type=2')
    if (!isList) requests.push(`${request.method} ${request.url?.split('?')[0]}`)
    if (isList && answer !== everything) response.end(EMPTY_LIST)
    else answer(request, response, body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  place = {
    bucket: 'bucket',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    accessKeyId: 'key-of-a-test',
    secretAccessKey: SECRET,
    sessionToken: TOKEN,
    pathStyle: true,
  }
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** Echoes what was signed, as servers do when they refuse it. */
const refuse =
  (status: number, code: string): Answer =>
  (request, response) => {
    response.statusCode = status
    response.end(
      request.method === 'HEAD'
        ? undefined
        : `<Error><Code>${code}</Code><Message>${code} for a test</Message><CanonicalRequest>${TOKEN}</CanonicalRequest></Error>`,
    )
  }
/** Lists too are answered by it. */
let everything: Answer = () => {}

const thrownBy = (doing: Promise<unknown>): Promise<unknown> =>
  doing.then(
    () => undefined,
    (error) => error,
  )

it.each([
  [403, 'InvalidAccessKeyId', 'failed', 's3-access-key-unknown', /does not know the access key/],
  [403, 'SignatureDoesNotMatch', 'failed', 's3-secret-wrong', /refuses the secret/],
  [403, 'RequestTimeTooSkewed', 'failed', 's3-clock-skew', /clocks .* NTP/],
  [400, 'ExpiredToken', 'failed', 's3-session-over', /session token.*fresh/],
  [403, 'AccessDenied', 'failed', 's3-access-denied', /may not list.*s3:ListBucket/],
  [404, 'NoSuchBucket', 'failed', 's3-bucket-missing', /no bucket s3:\/\/bucket.*Create/],
  [301, 'PermanentRedirect', 'failed', 's3-region', /not in the region us-east-1/],
  [418, 'Teapot', 'failed', 's3-refused', /refused to list.*418 Teapot/],
])('says what to do about %i %s', async (status, s3Code, code, reason, message) => {
  everything = answer = refuse(status, s3Code)
  const error = await thrownBy(openS3ArtifactStore(place))
  expect(error).toMatchObject({ code, reasons: [{ code: reason }], message: expect.stringMatching(message) })
  expect(secretsIn(error)).toEqual([])
})

it('waits for a server that is busy, and says so when it stays busy', { timeout: 60_000 }, async () => {
  const store = await openS3ArtifactStore(place)
  let busy = 2
  answer = (request, response, body) =>
    busy-- > 0 ? refuse(503, 'SlowDown')(request, response, body) : response.setHeader('ETag', '"x"').end()
  await store.write('a/b', chunksOf('x'), { replace: true })
  answer = refuse(503, 'SlowDown')
  const error = await thrownBy(store.write('a/b', chunksOf('x'), { replace: true }))
  expect(error).toMatchObject({ code: 'unavailable', retryable: true, message: expect.stringContaining('SlowDown') })
})

it('asks again what is wrong when a refusal came without words', async () => {
  const store = await openS3ArtifactStore(place)
  answer = refuse(403, 'AccessDenied')
  await expect(store.stat('a/b')).rejects.toMatchObject({ reasons: [{ code: 's3-access-denied' }] })
  expect(requests).toEqual(['HEAD /bucket/a/b', 'GET /bucket/a/b'])
})

it('takes a write for done whose answer was lost, when the object is the one it wrote', async () => {
  const store = await openS3ArtifactStore(place)
  const objects = new Map<string, string>()
  answer = (request, response, body) => {
    const key = request.url?.split('?')[0] ?? ''
    const etag = objects.get(key)
    if (request.method === 'HEAD' && etag) response.setHeader('ETag', etag).end()
    else if (request.method !== 'PUT') refuse(404, 'NoSuchKey')(request, response, body)
    else if (etag) refuse(412, 'PreconditionFailed')(request, response, body)
    else {
      objects.set(key, `"${createHash('md5').update(body).digest('hex')}"`)
      request.socket.destroy()
    }
  }
  expect(await store.write('a/b', chunksOf('content'))).toMatchObject({ bytes: 7 })
  await expect(store.write('a/b', chunksOf('other'))).rejects.toMatchObject({ code: 'conflict' })
})

it.each([
  ['does not know conditions', 501],
  ['ignores conditions', 200],
])('lets one of two writers win also where the server %s', async (_, status) => {
  const store = await openS3ArtifactStore(place)
  const objects = new Map<string, Buffer>()
  answer = (request, response, body) => {
    const key = request.url?.split('?')[0] ?? ''
    if (request.method === 'PUT' && request.headers['if-none-match'] !== undefined && status === 501) {
      refuse(501, 'NotImplemented')(request, response, body)
    } else if (request.method === 'PUT') {
      objects.set(key, body)
      response.setHeader('ETag', '"x"').end()
    } else if (objects.has(key)) response.setHeader('ETag', '"x"').end(objects.get(key))
    else refuse(404, 'NoSuchKey')(request, response, body)
  }
  const results = await Promise.allSettled(['one', 'two'].map((word) => store.write('a/race', chunksOf(word))))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(objects.get('/bucket/a/race')?.toString()).toBe('one')
})

function secretsIn(error: unknown): string[] {
  const { message, reasons, cause } = error as { message: string; reasons: unknown; cause: unknown }
  const told = JSON.stringify([message, reasons, String(cause), { ...(cause as object) }])
  return [SECRET, TOKEN].filter((secret) => told.includes(secret))
}
