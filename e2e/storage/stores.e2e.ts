/** The contracts of the artifact store and of uploads in parts, against real S3 servers, in every way of addressing them. */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { openS3ArtifactStore } from '@bud/budmodel/adapters/s3-artifact-store'
import type { S3Place } from '@bud/budmodel/adapters/s3-client'
import { testArtifactStore } from '@bud/budmodel/testing/artifact-store.contract'
import { testPartUploads } from '@bud/budmodel/testing/part-uploads.contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMinio } from '../parts/minio.ts'
import { sessionOf } from '../parts/minio-session.ts'
import type { S3Server } from '../parts/s3-server.ts'
import { startVersitygw } from '../parts/versitygw.ts'

const MIB = 1024 * 1024
const BUCKET = 'artifacts'

type Way = (server: S3Server) => Promise<Partial<S3Place>> | Partial<S3Place>
const pathStyle: Way = () => ({})
/** Clients that take the URLs of parts know the server by its address alone. */
const hostStyle: Way = ({ hostEndpoint, endpoint }) => ({
  endpoint: hostEndpoint,
  pathStyle: false,
  publicEndpoint: endpoint,
})

function testServer(name: string, start: () => Promise<S3Server>, ways: Record<string, Way>): void {
  describe(name, () => {
    let server: S3Server
    beforeAll(async () => {
      server = await start()
      await server.createBucket(BUCKET)
    })
    afterAll(() => server?.stop())

    it('copies objects by parts that are too large for one request', async () => {
      const limits = { singleBytes: 6 * MIB, partBytes: 5 * MIB }
      const place = server.connection(BUCKET, { prefix: `t-${randomBytes(6).toString('hex')}` })
      const store = await openS3ArtifactStore(place, limits)
      const content = randomBytes(12 * MIB + 3)
      await store.write('a/large', Readable.from([content]))
      expect(await store.copy('a/large', 'b/copy')).toEqual({ bytes: content.length })
      expect((await buffer(await store.read('b/copy'))).equals(content)).toBe(true)
      await expect(store.copy('a/large', 'b/copy')).rejects.toMatchObject({ code: 'conflict' })
    })

    for (const [way, change] of Object.entries(ways)) {
      // A prefix of its own for each test keeps them apart in one bucket.
      const connect = async () =>
        server.connection(BUCKET, { prefix: `t-${randomBytes(6).toString('hex')}`, ...(await change(server)) })
      testArtifactStore(`${name}, ${way}`, async () => {
        const store = await openS3ArtifactStore(await connect())
        return { store, remove: async () => {} }
      })
      testPartUploads(`${name}, ${way}`, async () => {
        const connection = await connect()
        const reopen = () => openS3ArtifactStore(connection)
        return { store: await reopen(), reopen, partBytes: 5 * MIB, urls: true, remove: async () => {} }
      })
    }
  })
}

testServer('MinIO', startMinio, {
  'path style': pathStyle,
  'host style': hostStyle,
  'session token': (server) => sessionOf(server),
})
testServer('VersityGW', startVersitygw, { 'path style': pathStyle, 'host style': hostStyle })
