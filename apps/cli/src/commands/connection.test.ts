import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'
import { json, type ScriptedFoundry, startScriptedFoundry } from '../testing/scripted-foundry.ts'

let foundry: ScriptedFoundry
beforeAll(async () => {
  foundry = await startScriptedFoundry()
})
afterAll(() => foundry.close())
const variables = ['BUD_S3_SECRET_ACCESS_KEY', 'BUD_S3_SESSION_TOKEN', 'BUD_HF_TOKEN']
const forgetSecrets = () => {
  for (const name of variables) delete process.env[name]
}
beforeEach(() => {
  forgetSecrets()
  foundry.seen.length = 0
})
afterEach(forgetSecrets)
const bud = (...args: string[]) => runBud('connection', ...args, '--url', foundry.url, '--token', 'x')
const sent = () => JSON.parse(foundry.seen[0]?.body ?? '')

const minio = {
  name: 'minio',
  kind: 's3',
  bucket: 'models',
  endpoint: 'http://10.0.0.5:9000',
  region: 'us-east-1',
  path_style: true,
  access_key_id: 'reader',
  has_secret: true,
  created_by: 'Ada',
  created_at: '2026-01-01T00:00:00.000Z',
}
const hub = { ...minio, name: 'hub', kind: 'huggingface', bucket: null, endpoint: null, access_key_id: null }

describe('a connection', () => {
  test('to a bucket takes its secrets from the environment, never from arguments', async () => {
    process.env.BUD_S3_SECRET_ACCESS_KEY = 'secret'
    process.env.BUD_S3_SESSION_TOKEN = 'session'
    foundry.on('POST /connections', json(201, minio))
    const line =
      'add minio --s3 models --endpoint http://10.0.0.5:9000 --access-key-id reader --region eu --virtual-host'
    const { code, stdout } = await bud(...line.split(' '))
    expect([code, stdout]).toEqual([0, expect.stringContaining('s3://models/<folder>')])
    expect(stdout).not.toContain('secret')
    expect(sent()).toEqual({
      kind: 's3',
      name: 'minio',
      bucket: 'models',
      endpoint: 'http://10.0.0.5:9000',
      region: 'eu',
      path_style: false,
      access_key_id: 'reader',
      secret_access_key: 'secret',
      session_token: 'session',
    })
  })

  test('to a bucket without a secret says how it may be given', async () => {
    const { code, stderr } = await bud('add', 'minio', '--s3', 'models', '--access-key-id', 'reader')
    expect([code, foundry.seen]).toEqual([2, []])
    expect(stderr).toContain('BUD_S3_SECRET_ACCESS_KEY')
    expect(stderr).toContain('--secret-stdin')
  })

  test('to a hub takes a token where there is one', async () => {
    foundry.on('POST /connections', json(201, hub))
    const { stdout } = await bud('add', 'hub', '--hub')
    expect([sent(), stdout]).toEqual([
      { kind: 'huggingface', name: 'hub' },
      expect.stringContaining('hf://<organisation>/<name>'),
    ])
    foundry.seen.length = 0
    process.env.BUD_HF_TOKEN = 'hf_x'
    await bud('add', 'hub', '--hub', '--endpoint', 'https://hub.example')
    expect(sent()).toEqual({ kind: 'huggingface', name: 'hub', endpoint: 'https://hub.example', token: 'hf_x' })
  })

  test('is a bucket or a hub: not both, not neither', async () => {
    for (const args of [
      ['add', 'x'],
      ['add', 'x', '--hub', '--s3', 'models'],
    ]) {
      const { code, stderr } = await bud(...args)
      expect([code, stderr]).toEqual([2, expect.stringContaining('--s3 <bucket>')])
    }
  })

  test('is listed with where it leads, and removed', async () => {
    foundry.on('GET /connections', json(200, [minio, hub]))
    foundry.on('DELETE /connections/hub', json(200, {}))
    const { stdout } = await bud('list')
    expect(stdout).toMatch(/minio +s3 +s3:\/\/models at http:\/\/10\.0\.0\.5:9000 +reader +yes/)
    expect(stdout).toMatch(/hub +huggingface +huggingface\.co +– +yes/)
    expect((await bud('remove', 'hub')).stdout).toBe('Removed hub.\n')
  })
})
