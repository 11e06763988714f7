/** What goes wrong with buckets, and what is said about it: never half an object, never a secret in a message. */
import { createHash, randomBytes } from 'node:crypto'
import { buffer, text } from 'node:stream/consumers'
import { ListMultipartUploadsCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createFolderModelSource } from '@bud/budmodel/adapters/folder-model-source'
import { openS3ArtifactStore } from '@bud/budmodel/adapters/s3-artifact-store'
import { S3Bucket, type S3Place } from '@bud/budmodel/adapters/s3-client'
import { createS3ModelSource } from '@bud/budmodel/adapters/s3-model-source'
import { importPlace } from '@bud/budmodel/testing/import-place'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../foundry.ts'
import { type CuttingProxy, startCuttingProxy } from '../parts/cutting-proxy.ts'
import { startMinio } from '../parts/minio.ts'
import { sessionOf } from '../parts/minio-session.ts'
import type { S3Server } from '../parts/s3-server.ts'
import { startVersitygw } from '../parts/versitygw.ts'

const MIB = 1024 * 1024
const BUCKET = 'artifacts'
const CONTENT = randomBytes(20 * MIB)
const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

async function* inChunks(content: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000)
}

function testServer(name: string, start: () => Promise<S3Server>): void {
  describe(name, () => {
    let server: S3Server
    let proxy: CuttingProxy
    let prefix: string
    beforeAll(async () => {
      server = await start()
      await server.createBucket(BUCKET)
      proxy = await startCuttingProxy(server.port)
    })
    afterAll(async () => {
      await proxy?.stop()
      await server?.stop()
    })
    beforeEach(() => {
      proxy.cut(undefined)
      prefix = `t-${randomBytes(6).toString('hex')}`
    })
    const connect = (change?: Partial<S3Place>) => openS3ArtifactStore(server.connection(BUCKET, { prefix, ...change }))
    const unfinished = async () => {
      const { endpoint, accessKeyId, secretAccessKey } = server
      const credentials = { accessKeyId, secretAccessKey }
      const client = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))
      return Uploads.filter(({ Key }) => Key?.startsWith(prefix))
    }

    it('says what to do about wrong credentials, a missing bucket and a server that does not answer', async () => {
      const port = await freePort()
      const cases: [Partial<S3Place>, string, string, RegExp][] = [
        [{ accessKeyId: 'nobody' }, 'failed', 's3-access-key-unknown', /does not know the access key.*connection add/],
        [{ secretAccessKey: 'another-secret-9876' }, 'failed', 's3-secret-wrong', /refuses the secret.*connection add/],
        [{ bucket: 'no-such-bucket' }, 'failed', 's3-bucket-missing', /no bucket s3:\/\/no-such-bucket.*Create/],
        [{ endpoint: `http://127.0.0.1:${port}` }, 'unavailable', '', /cannot be reached \(ECONNREFUSED\).*Check/],
        [{ endpoint: 'http://no-such-host.invalid' }, 'unavailable', '', /cannot be reached/],
        [
          { endpoint: `https://127.0.0.1:${server.port}` },
          'unavailable',
          '',
          /cannot be reached.*http:\/\/ or https:\/\//,
        ],
      ]
      for (const [change, code, reason, message] of cases) {
        const error = await connect(change).then(
          () => undefined,
          (thrown) => thrown,
        )
        expect(error, JSON.stringify(change)).toMatchObject({ code, message: expect.stringMatching(message) })
        if (reason !== '') expect(error.reasons).toMatchObject([{ code: reason }])
        const told = JSON.stringify([error.message, error.reasons, String(error.cause), { ...error.cause }])
        expect(told).not.toContain(server.secretAccessKey)
        expect(told).not.toContain(change.secretAccessKey ?? server.secretAccessKey)
      }
    })

    it('goes on reading where the connection was cut, at any byte, and the digest is equal', async () => {
      const direct = await connect()
      await direct.write('a/file', inChunks(CONTENT))
      const store = await connect({ endpoint: proxy.url })
      for (const afterBytes of [1, 100, 1000, 65_536, 1_000_003, 10 * MIB, CONTENT.length - 1]) {
        proxy.cut({ direction: 'down', afterBytes, times: 2 })
        expect(digest(await buffer(await store.read('a/file'))), `cut after ${afterBytes} bytes`).toBe(digest(CONTENT))
        expect(proxy.cuts()).toBeGreaterThan(0)
      }
      proxy.cut({ direction: 'down', afterBytes: 5000, times: 1 })
      const range = { start: 1_000_000, end: 3_000_000 }
      expect(digest(await buffer(await store.read('a/file', range)))).toBe(
        digest(CONTENT.subarray(range.start, range.end)),
      )
    })

    it('writes through cut connections, in either direction and at any byte', async () => {
      const store = await connect({ endpoint: proxy.url })
      for (const direction of ['up', 'down'] as const) {
        for (const afterBytes of [1, 200, 700, 100_000, 9 * MIB]) {
          const key = `a/${direction}-${afterBytes}`
          proxy.cut({ direction, afterBytes, times: 2 })
          expect(await store.write(key, inChunks(CONTENT)), key).toMatchObject({ bytes: CONTENT.length })
          proxy.cut(undefined)
          expect(digest(await buffer(await store.read(key)))).toBe(digest(CONTENT))
          proxy.cut({ direction, afterBytes, times: 1 })
          await store.write(`${key}-small`, inChunks(CONTENT.subarray(0, 300_000)))
          proxy.cut(undefined)
          expect(await store.stat(`${key}-small`)).toMatchObject({ bytes: 300_000 })
        }
      }
      // An upload whose name was lost with the answer to its beginning.
      await store.deletePrefix('a')
      expect(await unfinished()).toEqual([])
    })

    it('leaves nothing to be seen of a write whose connection never lasts, and a sweep finds the rest', async () => {
      const store = await connect({ endpoint: proxy.url })
      proxy.cut({ direction: 'up', afterBytes: 2 * MIB, times: 1000 })
      await expect(store.write('a/large', inChunks(CONTENT))).rejects.toMatchObject({ code: 'unavailable' })
      proxy.cut(undefined)
      expect(await store.stat('a/large')).toBeUndefined()
      await store.deletePrefix('a')
      expect(await unfinished()).toEqual([])
    })

    it('ends what a killed process left, by a sweep of its prefix', async () => {
      const store = await connect()
      await store.begin('a/b/left-over')
      expect(await unfinished()).toHaveLength(1)
      await (await connect()).deletePrefix('a')
      expect(await unfinished()).toEqual([])
    })

    it('does not mix two objects when one replaces the other while it is read', async () => {
      const direct = await connect()
      await direct.write('a/file', inChunks(CONTENT))
      const store = await connect({ endpoint: proxy.url })
      const stream = await store.read('a/file')
      await direct.write('a/file', inChunks(randomBytes(CONTENT.length)), { replace: true })
      // Ends the connection: what is left has to be asked for again.
      proxy.cut(undefined)
      const read = buffer(stream).then(digest)
      await expect(read).rejects.toMatchObject({ code: 'failed', reasons: [{ code: 'source-changed' }] })
    })

    it('imports through connections that are cut again and again', async () => {
      const direct = await connect()
      const files = Array.from({ length: 6 }, (_, i) => CONTENT.subarray(i * MIB, (i + 3) * MIB))
      for (const [i, content] of files.entries()) await direct.write(`in/model-${i}.bin`, inChunks(content))
      const connection = server.connection(BUCKET, { endpoint: proxy.url })
      const source = createS3ModelSource({
        connectionOf: async () => connection,
        otherwise: createFolderModelSource([]),
      })
      const store = await connect({ endpoint: proxy.url })
      const place = await source.find({ project_id: 'project', location: `${BUCKET}/${prefix}/in` })
      proxy.cut({ direction: 'down', afterBytes: 1_500_000, times: 8 })
      const passed = await importPlace({ place, store, scanners: [], modelId: 'model', versionId: 'version' })
      expect(proxy.cuts()).toBeGreaterThan(3)
      expect(passed.map(({ sha256 }) => sha256)).toEqual(files.map(digest))
      for (const [i, content] of files.entries()) {
        const stored = await buffer(await direct.read(`models/model/version/model-${i}.bin`))
        expect(digest(stored)).toBe(digest(content))
      }
    })

    it('hands out URLs that only take the part they were signed for', async () => {
      const store = await connect()
      const { upload } = await store.begin('a/file')
      const url = new URL((await store.partUrl('a/file', upload, 1)) ?? '')
      const put = (changed: URL) => fetch(changed, { method: 'PUT', body: 'x' }).then(({ status }) => status)
      const tampered = (change: (copy: URL) => void) => {
        const copy = new URL(url)
        change(copy)
        return put(copy)
      }
      expect(await tampered((copy) => copy.searchParams.set('partNumber', '2'))).toBe(403)
      expect(await tampered((copy) => copy.searchParams.set('X-Amz-Expires', '604800'))).toBe(403)
      expect(await tampered((copy) => copy.searchParams.set('X-Amz-Signature', '0'.repeat(64)))).toBe(403)
      expect(await tampered((copy) => (copy.pathname += '-other'))).toBe(403)
      expect(await put(url)).toBe(200)
    })

    it('refuses a URL whose hour is over', async () => {
      const store = await connect()
      const { upload } = await store.begin('a/file')
      const bucket = new S3Bucket(server.connection(BUCKET, { prefix }))
      const part = new UploadPartCommand({ ...bucket.at('a/file'), UploadId: upload, PartNumber: 1 })
      const sign = (signingDate: Date) => getSignedUrl(bucket.publicClient, part, { expiresIn: 3600, signingDate })
      const put = async (minutesAgo: number) => {
        const url = await sign(new Date(Date.now() - minutesAgo * 60_000))
        return (await fetch(url, { method: 'PUT', body: 'x' })).status
      }
      expect(await put(61)).toBe(403)
      expect(await put(59)).toBe(200)
    })
  })
}

testServer('MinIO', startMinio)
testServer('VersityGW', startVersitygw)

describe('MinIO, with rights cut down', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startMinio()
    await server.createBucket(BUCKET)
    await (await openS3ArtifactStore(server.connection(BUCKET))).write('a/file', inChunks(Buffer.from('content')))
  })
  afterAll(() => server?.stop())

  const allowed = async (...actions: string[]) => {
    const resources = [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`]
    const session = await sessionOf(server, {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: actions, Resource: resources }],
    })
    return openS3ArtifactStore(server.connection(BUCKET, session))
  }
  const denied = (permission: string) => ({
    code: 'failed',
    reasons: [{ code: 's3-access-denied', next_step: expect.stringContaining(permission) }],
  })

  it('names the permission that is missing', async () => {
    await expect(allowed('s3:GetObject')).rejects.toMatchObject(denied('s3:ListBucket'))
    const reader = await allowed('s3:ListBucket', 's3:GetObject')
    expect(await text(await reader.read('a/file'))).toBe('content')
    await expect(reader.write('a/new', inChunks(Buffer.from('x')))).rejects.toMatchObject(denied('s3:PutObject'))
    await expect(reader.begin('a/new')).rejects.toMatchObject(denied('s3:PutObject'))
    await expect(reader.deletePrefix('a')).rejects.toMatchObject(denied('s3:DeleteObject'))
    const lister = await allowed('s3:ListBucket')
    await expect(lister.read('a/file')).rejects.toMatchObject(denied('s3:GetObject'))
    await expect(lister.stat('a/file')).rejects.toMatchObject(denied('s3:GetObject'))
  })

  it('says that a session token is no longer good', async () => {
    const session = await sessionOf(server)
    const spoilt = server.connection(BUCKET, { ...session, sessionToken: `${session.sessionToken}x` })
    await expect(openS3ArtifactStore(spoilt)).rejects.toMatchObject({ reasons: [{ code: 's3-session-over' }] })
  })
})
