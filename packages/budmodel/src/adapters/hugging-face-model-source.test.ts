import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ModelSource, SourcePlace } from '../ports.ts'
import { importBatch } from '../services/import-files.ts'
import { fuzzRuns } from '../testing/fuzz-runs.ts'
import { ggufModel, loraAdapter, manyFiles, shardedLlama } from '../testing/hub-models.ts'
import type { GeneratedContent } from '../testing/hub-repository.ts'
import { type HubServer, startHubServer } from '../testing/hub-server.ts'
import { testModelSource } from '../testing/model-source.contract.ts'
import { SteppingClock } from '../testing/stepping-clock.ts'
import { openFolderArtifactStore } from './folder-artifact-store.ts'
import { createHuggingFaceModelSource } from './hugging-face-model-source.ts'

const TOKEN = 'hf_secret-of-a-test'
const STRANGER = 'hf_another-user'
const WEIGHTS = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251))
const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

let hub: HubServer
let clock: SteppingClock
let token: string | undefined
let source: ModelSource
beforeAll(async () => {
  hub = await startHubServer(
    [
      shardedLlama(),
      loraAdapter(),
      ggufModel(),
      manyFiles(3000),
      { name: 'example/blob', commits: [{ files: { 'model.bin': WEIGHTS, 'config.json': '{"small":true}' } }] },
      { name: 'example/secret', private: true, commits: [{ files: { 'config.json': '{}' } }] },
      { name: 'example/gated', gated: 'manual', commits: [{ files: { 'config.json': '{}' } }] },
      { name: 'example/bare', commits: [{ files: { '.gitattributes': '' } }] },
      { name: 'example/off', disabled: true, commits: [{ files: { 'config.json': '{}' } }] },
    ],
    { [TOKEN]: { reads: ['example/secret'], accepted: ['example/gated'] }, [STRANGER]: {} },
  )
})
afterAll(() => hub.close())
beforeEach(() => {
  hub.requests.length = 0
  clock = new SteppingClock()
  token = undefined
  source = createHuggingFaceModelSource({ connectionOf: async () => ({ endpoint: hub.url, token }), clock })
})

const find = (location: string): Promise<SourcePlace> => source.find({ project_id: 'project-1', location })
const reasonOf = (code: string, next_step: RegExp) => ({
  reasons: [{ code, path: 'source_path', next_step: expect.stringMatching(next_step) }],
})

testModelSource('hugging face model source', async (files) => {
  const own = await startHubServer([{ name: 'example/model', plain: true, commits: [{ files }] }])
  const connectionOf = async () => ({ endpoint: own.url, token: undefined })
  return {
    source: createHuggingFaceModelSource({ connectionOf, clock: new SteppingClock() }),
    location: 'example/model',
    missing: 'example/none',
    malformed: 'not a repository',
    change: async (path, content) => own.overwrite('example/model', path, content),
    remove: () => own.close(),
  }
})

describe('finding a repository', () => {
  it('pins a branch to the commit it stands at, and keeps to that when the branch moves on', async () => {
    hub.add({ name: 'example/moving', commits: [{ files: { 'config.json': 'first' } }] })
    const place = await find('example/moving')
    expect(place.pinned).toBe(`hf://example/moving@${hub.commitOf('example/moving')}`)
    hub.commit('example/moving', { files: { 'config.json': 'second' } })
    expect(await text(await place.open('config.json'))).toBe('first')
    const again = await find(place.pinned.slice('hf://'.length))
    expect(again.pinned).toBe(place.pinned)
    expect(await text(await again.open('config.json'))).toBe('first')
    expect(await text(await (await find('example/moving@main')).open('config.json'))).toBe('second')
  })

  it('does not ask again for a commit that it has found for a project', async () => {
    const place = await find('example/blob')
    hub.requests.length = 0
    const again = await find(place.pinned.slice('hf://'.length))
    expect(hub.requests).toEqual([])
    expect(await text(await again.open('config.json'))).toBe('{"small":true}')
    hub.requests.length = 0
    await source.find({ project_id: 'project-2', location: place.pinned.slice('hf://'.length) })
    expect(hub.requests.length).toBe(1)
  })

  it('takes tags, branches with slashes and pull requests as revisions', async () => {
    hub.add({
      name: 'example/refs',
      commits: [
        { files: { 'config.json': 'old' }, tag: 'v1.0' },
        { files: { 'config.json': 'pr' }, branch: 'refs/pr/1' },
        { files: { 'config.json': 'new' } },
      ],
    })
    for (const [revision, content] of [
      ['v1.0', 'old'],
      ['refs/pr/1', 'pr'],
      ['main', 'new'],
    ]) {
      expect(await text(await (await find(`example/refs@${revision}`)).open('config.json'))).toBe(content)
    }
  })

  it('follows a repository to its new name, and pins that', async () => {
    hub.add({ name: 'example/renamed', formerly: ['old/name'], commits: [{ files: { 'config.json': '{}' } }] })
    expect((await find('old/name')).pinned).toBe(`hf://example/renamed@${hub.commitOf('example/renamed')}`)
  })

  const refusals: [string, string | undefined, string, string, RegExp][] = [
    ['example/none', undefined, 'source-not-found', 'or it is private', /add a connection.*token/],
    ['example/none', TOKEN, 'source-not-found', 'or it is private', /give this project’s token the right/],
    ['example/secret', undefined, 'source-not-found', 'or it is private', /Check the name/],
    ['example/secret', STRANGER, 'source-not-found', 'or it is private', /Check the name/],
    ['example/gated', undefined, 'source-gated', 'terms have to be accepted', /\/example\/gated .*accept the terms/],
    ['example/gated', STRANGER, 'source-gated', 'terms have to be accepted', /account of this project’s token/],
    ['example/blob', 'hf_made-up', 'source-token-refused', 'does not accept the token', /settings\/tokens/],
    ['example/off', undefined, 'source-disabled', 'has been disabled', /another model/],
    ['example/blob@v9', undefined, 'source-revision-unknown', 'no branch, tag or commit "v9"', /commits lists them/],
    [`example/blob@${'0'.repeat(40)}`, undefined, 'source-revision-unknown', 'no branch', /hf:\/\/example\/blob@/],
    ['datasets/example/data', undefined, 'source-path-invalid', 'not a model', /hf:\/\/org\/name/],
    [
      'https://huggingface.co/example/blob/tree/v1.0',
      undefined,
      'source-path-invalid',
      'not',
      /hf:\/\/example\/blob@v1\.0/,
    ],
    ['example/blob/../..', undefined, 'source-path-invalid', 'not a model', /hf:\/\//],
    ['example/blob@../../x', undefined, 'source-path-invalid', 'not a model', /hf:\/\//],
    ['', undefined, 'source-path-invalid', 'not a model', /hf:\/\//],
  ]
  for (const [location, withToken, code, message, next] of refusals) {
    it(`refuses "${location}" ${withToken === undefined ? 'without a token' : `with ${withToken}`} as ${code}`, async () => {
      token = withToken
      const error = await find(location).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'invalid-input',
        message: expect.stringContaining(message),
        ...reasonOf(code, next),
      })
      if (withToken) expect(JSON.stringify(error) + String(error)).not.toContain(withToken)
    })
  }

  it('reads private and gated repositories with a token that may', async () => {
    token = TOKEN
    for (const name of ['example/secret', 'example/gated']) {
      expect(await text(await (await find(name)).open('config.json'))).toBe('{}')
    }
  })

  it('names the mirror setting where the hub cannot be reached', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    const endpoint = `http://user:password@127.0.0.1:${port}/hub/`
    const offline = createHuggingFaceModelSource({ connectionOf: async () => ({ endpoint, token: TOKEN }), clock })
    await expect(offline.find({ project_id: 'p', location: 'example/blob' })).rejects.toMatchObject({
      code: 'unavailable',
      message: `The Hugging Face hub http://127.0.0.1:${port}/hub does not answer (ECONNREFUSED).`,
      reasons: [{ code: 'hub-unreachable', next_step: expect.stringMatching(/endpoint is a mirror’s address/) }],
    })
    expect(clock.slept).toEqual([500, 1000])
  })

  const strange: [string, string, string][] = [
    ['a sign-in page', '<html>Sign in</html>', 'instead of JSON'],
    ['another API', '{"status":"ok"}', 'no commit'],
    ['null', 'null', 'not what a hub sends'],
  ]
  for (const [what, body, told] of strange) {
    it(`says that the endpoint is no hub when it answers with ${what}`, async () => {
      hub.trouble({ on: 'api', status: 200, headers: { 'content-type': 'text/html' }, body })
      await expect(find('example/blob')).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining(told),
      })
    })
  }

  it('waits as long as the hub asks, and not longer than somebody would', async () => {
    hub.trouble({ on: 'api', status: 429, headers: { 'retry-after': '3' } })
    await find('example/blob')
    expect(clock.slept).toEqual([3000])
    hub.trouble({ on: 'api', status: 429, headers: { ratelimit: '"api";r=0;t=240' } })
    await expect(find('example/blob')).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      message: expect.stringContaining('(429). It asks to wait 240 s.'),
    })
  })

  it('asks again after a 503, and gives up after three', async () => {
    hub.trouble({ on: 'api', status: 503, times: 2 })
    await find('example/blob')
    hub.trouble({ on: 'api', status: 503, times: 3 })
    await expect(find('example/blob')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('503'),
    })
  })
})

describe('listing a repository', () => {
  it('tells sizes, and the sha256 of large files, and leaves git’s own files out', async () => {
    const { files, refused } = await (await find('example/tiny-llama')).list()
    expect(refused).toEqual([])
    expect(files.map(({ path, sha256 }) => [path, sha256 !== undefined])).toEqual([
      ['LICENSE', false],
      ['README.md', false],
      ['config.json', false],
      ['generation_config.json', false],
      ['model-00001-of-00002.safetensors', true],
      ['model-00002-of-00002.safetensors', true],
      ['model.safetensors.index.json', false],
      ['tokenizer.json', true],
      ['tokenizer_config.json', false],
    ])
  })

  it('turns every page, also where a mirror names the hub it mirrors', async () => {
    const place = await find('example/many-files')
    const next = `https://huggingface.co/api/models/example/many-files/tree/${hub.commitOf('example/many-files')}?recursive=true`
    hub.trouble({ on: 'api', path: '/tree/', status: 200, headers: { link: `<${next}>; rel="next"` }, body: '[]' })
    const { files } = await place.list()
    expect(files.length).toBe(3005)
    expect(files.map(({ path }) => path)).toEqual(files.map(({ path }) => path).toSorted())
    expect(hub.requests.filter(({ url }) => url.includes('/tree/')).length).toBe(5)
  })

  it('refuses deceptive names and goes on with the others', async () => {
    hub.add({ name: 'example/odd', commits: [{ files: { 'a\u202eb.txt': 'x', 'sub/../x': 'y', 'good.txt': 'z' } }] })
    const { files, refused } = await (await find('example/odd')).list()
    expect(files).toEqual([{ path: 'good.txt', bytes: 1 }])
    expect(refused.map(({ path, rule }) => [path, rule])).toEqual([
      ['a\\u{202e}b.txt', 'odd-name'],
      ['sub/../x', 'odd-name'],
    ])
  })

  it('says so when there is nothing', async () => {
    await expect((await find('example/bare')).list()).rejects.toMatchObject(reasonOf('source-empty', /revision/))
  })
})

describe('opening a file', () => {
  it('gives the token to the hub and to no other host', async () => {
    token = TOKEN
    const place = await find('example/blob')
    expect(digest(await buffer(await place.open('model.bin')))).toBe(digest(WEIGHTS))
    expect(await text(await place.open('config.json'))).toBe('{"small":true}')
    const seen = (host: string) =>
      new Set(hub.requests.filter((each) => each.host === host).map((each) => each.authorization))
    expect(seen('hub')).toEqual(new Set([`Bearer ${TOKEN}`]))
    expect(seen('cdn')).toEqual(new Set([undefined]))
  })

  it('reads files kept by Xet over plain HTTP', async () => {
    hub.add({ name: 'example/xet', xet: true, commits: [{ files: { 'model.bin': Buffer.alloc(70_000, 5) } }] })
    const place = await find('example/xet')
    expect((await place.list()).files).toMatchObject([{ sha256: digest(Buffer.alloc(70_000, 5)) }])
    expect(await buffer(await place.open('model.bin', 10))).toEqual(Buffer.alloc(69_990, 5))
  })

  it('goes on from any byte, of small files and of large ones', async () => {
    const place = await find('example/blob')
    for (const start of [0, 1, 150_000, 299_999, 300_000]) {
      expect(await buffer(await place.open('model.bin', start))).toEqual(WEIGHTS.subarray(start))
    }
    for (const start of [0, 5, 13, 14]) {
      expect(await text(await place.open('config.json', start))).toBe('{"small":true}'.slice(start))
    }
  })

  it('goes on also where the file host knows no ranges', async () => {
    const place = await find('example/blob')
    hub.trouble({ on: 'cdn', ignoresRanges: true })
    expect(await buffer(await place.open('model.bin', 200_000))).toEqual(WEIGHTS.subarray(200_000))
  })

  for (const where of ['everywhere', 'cdn'] as const) {
    it(`refuses to go on with a file that has changed ${where === 'cdn' ? 'at its host' : 'under its commit'}`, async () => {
      hub.add({ name: 'example/shifty', commits: [{ files: { 'model.bin': Buffer.alloc(WEIGHTS.length, 2) } }] })
      const place = await find('example/shifty')
      await buffer(await place.open('model.bin'))
      hub.overwrite('example/shifty', 'model.bin', Buffer.alloc(WEIGHTS.length, 1), where)
      await expect(place.open('model.bin', 1000)).rejects.toMatchObject({
        code: 'failed',
        reasons: [{ code: 'source-changed', path: 'model.bin' }],
      })
    })
  }

  it('refuses a file of another size than was listed', async () => {
    hub.add({ name: 'example/grown', commits: [{ files: { 'config.json': '{}' } }] })
    const place = await find('example/grown')
    await place.list()
    hub.overwrite('example/grown', 'config.json', '{"longer":1}')
    await expect(place.open('config.json')).rejects.toMatchObject({ reasons: [{ code: 'source-changed' }] })
  })

  it('answers not-found for what is not there, and does not leave the repository', async () => {
    const place = await find('example/blob')
    await expect(place.open('none.bin')).rejects.toMatchObject({ code: 'not-found' })
    for (const path of ['../secret', '/etc/passwd', 'a/../../b']) {
      await expect(place.open(path)).rejects.toMatchObject({ code: 'invalid-input' })
    }
  })

  it('asks for a fresh address when the file host refuses the old one', async () => {
    const place = await find('example/blob')
    hub.trouble({ on: 'cdn', status: 403 })
    expect((await buffer(await place.open('model.bin'))).length).toBe(300_000)
    hub.trouble({ on: 'cdn', status: 403, times: 3 })
    const error = await place.open('model.bin').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('answered 403') })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/Signature|Expires/)
  })
})

describe('importing from a hub', () => {
  const REF = { project_id: 'project-1', model_id: 'model-1', version_id: 'version-1' }
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bud-hub-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function importAll(place: SourcePlace) {
    const store = await openFolderArtifactStore(folder)
    await store.deletePrefix('models')
    const { files } = await place.list()
    return { store, passed: await importBatch({ store, streamScanners: [], clock }, REF, place, files, async () => {}) }
  }

  it('brings 3,000 small files, each with two requests', { timeout: 60_000 }, async () => {
    const place = await find('example/many-files')
    const { files } = await place.list()
    hub.requests.length = 0
    const store = await openFolderArtifactStore(folder)
    store.write = async (_key, chunks) => ({ bytes: (await buffer(chunks)).length, etag: 'e' })
    const passed = await importBatch({ store, streamScanners: [], clock }, REF, place, files, async () => {})
    expect(passed.map(({ path, bytes }) => [path, bytes])).toEqual(files.map(({ path, bytes }) => [path, bytes]))
    expect(hub.requests.length).toBe(2 * 3005)
  })

  it('brings the same bytes, wherever the connection is cut', { timeout: 60_000 + 20 * fuzzRuns() }, async () => {
    const place = await find('example/blob')
    const point = fc.oneof(fc.constantFrom(0, 1, 299_999, 300_000), fc.nat(300_000))
    await fc.assert(
      fc.asyncProperty(fc.array(point, { maxLength: 4 }), async (points) => {
        for (const cutAt of points.toSorted((a, b) => a - b)) hub.trouble({ on: 'cdn', path: digest(WEIGHTS), cutAt })
        const { passed } = await importAll(place)
        expect(passed.find(({ path }) => path === 'model.bin')?.sha256).toBe(digest(WEIGHTS))
      }),
      { numRuns: Math.ceil(fuzzRuns() / 25) },
    )
  })

  it('goes on after 429 answers in the middle of a file', async () => {
    const place = await find('example/blob')
    hub.trouble({ on: 'cdn', path: digest(WEIGHTS), cutAt: 100_000 })
    hub.trouble({ on: 'resolve', path: 'model.bin', status: 429, headers: { 'retry-after': '60' } })
    const { passed } = await importAll(place)
    expect(passed.find(({ path }) => path === 'model.bin')?.sha256).toBe(digest(WEIGHTS))
    expect(clock.slept).toContain(60_000)
  })

  it('keeps nothing of a file whose digest is not the one that the hub lists', async () => {
    hub.add({ name: 'example/damaged', commits: [{ files: { 'model.bin': Buffer.alloc(5000, 3) } }] })
    const place = await find('example/damaged')
    hub.overwrite('example/damaged', 'model.bin', Buffer.alloc(5000, 4), 'cdn')
    await expect(importAll(place)).rejects.toMatchObject({ reasons: [{ code: 'source-digest-mismatch' }] })
    const store = await openFolderArtifactStore(folder)
    expect(await Array.fromAsync(store.list('models'))).toEqual([])
  })

  it('needs no more memory for large files', { timeout: 60_000 }, async () => {
    hub.add({ name: 'example/large', commits: [{ files: { 'model.bin': largeContent(256) } }] })
    const place = await find('example/large')
    hub.trouble({ on: 'cdn', cutAt: 100 * 1024 * 1024 })
    const before = process.memoryUsage().rss
    const { passed } = await importAll(place)
    expect(passed[0]?.bytes).toBe(256 * 1024 * 1024)
    expect(process.memoryUsage().rss - before).toBeLessThan(160 * 1024 * 1024)
  })
})

/** Zeroes, made while they are read. */
function largeContent(mebibytes: number): GeneratedContent {
  const piece = Buffer.alloc(1024 * 1024)
  const hash = createHash('sha256')
  for (let index = 0; index < mebibytes; index++) hash.update(piece)
  return {
    bytes: mebibytes * piece.length,
    sha256: hash.digest('hex'),
    *read(start, end) {
      for (let at = start; at < end; at += piece.length) yield piece.subarray(0, Math.min(piece.length, end - at))
    },
  }
}
