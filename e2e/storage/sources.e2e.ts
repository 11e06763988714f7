/** The contract of model sources for buckets of real S3 servers. */
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { createFolderModelSource } from '@bud/budmodel/adapters/folder-model-source'
import { createS3ModelSource } from '@bud/budmodel/adapters/s3-model-source'
import { testModelSource } from '@bud/budmodel/testing/model-source.contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMinio } from '../parts/minio.ts'
import type { S3Server } from '../parts/s3-server.ts'
import { startVersitygw } from '../parts/versitygw.ts'

const BUCKET = 'team-weights'
const PROJECT = 'project-of-a-test'

function testServer(name: string, start: () => Promise<S3Server>): void {
  describe(name, () => {
    let server: S3Server
    let client: S3Client
    beforeAll(async () => {
      server = await start()
      await server.createBucket(BUCKET)
      const { endpoint, accessKeyId, secretAccessKey } = server
      const credentials = { accessKeyId, secretAccessKey }
      client = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
    })
    afterAll(() => server?.stop())

    const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))
    const source = () =>
      createS3ModelSource({
        connectionOf: async (project, bucket) =>
          project === PROJECT && bucket === BUCKET ? server.connection(BUCKET) : undefined,
        otherwise: createFolderModelSource([]),
      })
    const find = (location: string) => source().find({ project_id: PROJECT, location })
    const fresh = () => `models/${randomBytes(6).toString('hex')}`

    testModelSource(`s3 model source, ${name}`, async (files) => {
      const prefix = fresh()
      const change = async (path: string, content?: string) => {
        const Key = `${prefix}/${path}`
        if (content === undefined) await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))
        else await put(Key, content)
      }
      for (const [path, content] of Object.entries(files)) await change(path, content)
      return {
        source: source(),
        location: `${BUCKET}/${prefix}`,
        missing: `${BUCKET}/models/none`,
        malformed: 'unknown-bucket/model',
        change,
        remove: async () => {},
      }
    })

    it('sees an object that was replaced by one of the same size', async () => {
      const prefix = fresh()
      await put(`${prefix}/weights.bin`, 'weights')
      const place = await find(`${BUCKET}/${prefix}`)
      await place.list()
      await put(`${prefix}/weights.bin`, 'WEIGHTS')
      await expect(place.open('weights.bin')).rejects.toMatchObject({ reasons: [{ code: 'source-changed' }] })
    })

    it('lists what lies beside other models with names alike, and no markers of folders', async () => {
      const prefix = fresh()
      await put(`${prefix}/`, '')
      await put(`${prefix}/sub/`, '')
      await put(`${prefix}/sub/a.bin`, 'a')
      await put(`${prefix}-other/b.bin`, 'b')
      const place = await find(`${BUCKET}/${prefix}`)
      expect((await place.list()).files).toEqual([{ path: 'sub/a.bin', bytes: 1 }])
      expect(await text(await place.open('sub/a.bin'))).toBe('a')
    })

    it('lists deceptive names as refused', async () => {
      const prefix = fresh()
      await put(`${prefix}/config.json`, '{}')
      await put(`${prefix}/model\u202egpj.bin`, 'x')
      const { files, refused } = await (await find(`${BUCKET}/${prefix}`)).list()
      expect(files.map(({ path }) => path)).toEqual(['config.json'])
      expect(refused.map(({ path, rule }) => [path, rule])).toEqual([['model\\u{202e}gpj.bin', 'odd-name']])
    })

    it('lists more objects than one page holds', async () => {
      const prefix = fresh()
      const names = Array.from({ length: 1205 }, (_, i) => `part-${String(i).padStart(5, '0')}`)
      for (let at = 0; at < names.length; at += 50) {
        await Promise.all(names.slice(at, at + 50).map((name) => put(`${prefix}/${name}`, 'x')))
      }
      const { files } = await (await find(`${BUCKET}/${prefix}`)).list()
      expect(files.map(({ path }) => path)).toEqual(names)
    })

    it('leaves buckets without a connection to the folders of this machine', async () => {
      await expect(find('elsewhere/model')).rejects.toMatchObject({
        reasons: [{ code: 'bucket-unknown', next_step: expect.stringContaining('bud connection add') }],
      })
      const other = source().find({ project_id: 'another-project', location: `${BUCKET}/models` })
      await expect(other).rejects.toMatchObject({ reasons: [{ code: 'bucket-unknown' }] })
    })
  })
}

testServer('MinIO', startMinio)
testServer('VersityGW', startVersitygw)
