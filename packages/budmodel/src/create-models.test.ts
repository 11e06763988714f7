import { text } from 'node:stream/consumers'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import type { Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { FakeRun } from '@bud/platform/testing/fake-run'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { migrateModels } from './create-models.ts'
import type { ModelSummary } from './services/listing/model-summary.ts'
import { chunksOf } from './testing/artifact-store.contract.ts'
import { principalOf } from './testing/principal-of.ts'
import { createTestModels, sampleFiles, type TestModels } from './testing/test-models.ts'

const catalogue = loadReferenceData().models
let platform: Platform
let registry: TestModels
beforeAll(async () => {
  platform = await createTestPlatform()
  await migrateModels(platform)
})
afterAll(() => platform.close())
beforeEach(async () => {
  registry = await createTestModels(platform, { catalogue })
})
afterEach(() => registry.remove())

async function register(name: string, claims = {}) {
  return registry.models.register(registry.principal, { name, source_path: await registry.put(name), ...claims })
}

async function registerToEnd(name: string) {
  const accepted = await register(name)
  const held = registry.flows.started.get(accepted.operation_id)
  if (!held) throw new Error('the flow was not started')
  await new FakeRun(accepted.operation_id).execute(held.flow, held.input)
  return accepted
}

async function upload(files: Record<string, Uint8Array | string>) {
  const opened = await registry.models.uploads.create(registry.principal)
  for (const [path, content] of Object.entries(files)) {
    await registry.models.uploads.writeFile(registry.principal, { id: opened.id, path: path }, chunksOf(content))
  }
  return opened
}

async function listAll(input: Record<string, unknown> = {}, limit = 7): Promise<ModelSummary[]> {
  const items: ModelSummary[] = []
  let cursor: string | undefined
  do {
    const page = await registry.models.list(registry.principal, { limit, cursor, ...input })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return items
}

describe('registering', () => {
  it('accepts the guide’s body as it stands', async () => {
    await registry.put('my-custom-model')
    const accepted = await registry.models.register(registry.principal, {
      name: 'my-custom-model',
      architecture: 'llama',
      parameter_count: 7_000_000_000,
      context_length: 8192,
      source_path: 's3://models/my-custom-model',
    })
    expect(accepted).toEqual({ id: expect.stringMatching(/^model-/), operation_id: expect.stringMatching(/^op-/) })
    expect(await registry.models.get(registry.principal, 'my-custom-model')).toMatchObject({
      state: { name: 'importing' },
      architecture: 'llama',
      parameter_count: 7_000_000_000,
      context_length: 8192,
      facts: null,
    })
  })

  it('refuses a name that is taken, with who has it and what to do, also when two come at once', async () => {
    const source_path = await registry.put('twin')
    const results = await Promise.allSettled(
      [1, 2].map(() => registry.models.register(registry.principal, { name: 'twin', source_path })),
    )
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(registry.models.register(registry.principal, { name: 'twin', source_path })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/"twin" is registered already \(model-\w+, importing\)/),
      reasons: [{ path: 'name', next_step: expect.stringContaining('another name') }],
    })
  })

  it('lets another project use the same name', async () => {
    const source_path = await registry.put('shared')
    await registry.models.register(registry.principal, { name: 'shared', source_path })
    await registry.models.register(principalOf('another-project'), { name: 'shared', source_path })
  })

  const { 'config.json': _, ...withoutConfig } = sampleFiles()
  const bad: [string, string, Record<string, string | Uint8Array> | undefined, object][] = [
    [
      'an unknown bucket',
      's3://nobody/x',
      undefined,
      { message: expect.stringContaining('"nobody"'), reasons: [{ code: 'bucket-unknown' }] },
    ],
    [
      'an unknown scheme',
      'ftp://models/x',
      undefined,
      { reasons: [{ code: 'source-path-invalid', message: expect.stringContaining('s3://bucket/folder') }] },
    ],
    ['a plain folder', '/home/ada/model', undefined, { reasons: [{ code: 'source-path-invalid' }] }],
    ['a folder that is not there', 's3://models/nothing', undefined, { reasons: [{ code: 'source-not-found' }] }],
    ['a way out of the bucket', 's3://models/../../etc', undefined, { message: expect.stringContaining('leads out') }],
    [
      'a folder without config.json',
      's3://models/bad',
      withoutConfig,
      { reasons: [{ code: 'config-missing', path: 'source_path', next_step: expect.stringContaining('config.json') }] },
    ],
    [
      'everything missing at once',
      's3://models/bad',
      { 'README.md': '#' },
      { reasons: [{ code: 'config-missing' }, { code: 'weights-missing' }] },
    ],
    [
      'config.json one folder down',
      's3://models/bad',
      { 'sub/config.json': '{}', 'a.safetensors': '' },
      { reasons: [{ next_step: 'There is one at sub/config.json: register the folder it lies in.' }] },
    ],
  ]
  for (const [what, source_path, files, error] of bad) {
    it(`refuses ${what} at once, and keeps nothing of it`, async () => {
      if (files) await registry.put('bad', files)
      await expect(registry.models.register(registry.principal, { name: 'bad', source_path })).rejects.toMatchObject({
        code: 'invalid-input',
        ...error,
      })
      expect(await listAll({ origin: 'registered' })).toEqual([])
      expect(registry.flows.started.size).toBe(0)
    })
  }

  it('starts, after a restart, what was accepted just before a crash', async () => {
    const accepted = await register('early')
    const held = registry.flows.started.get(accepted.operation_id)
    registry.flows.started.clear()
    const restarted = await createTestModels(platform)
    await restarted.models.resume()
    expect(restarted.flows.started.get(accepted.operation_id)?.input).toEqual(held?.input)
    await restarted.remove()
  })

  it('is accepted also when its flow cannot start now, and begins later', async () => {
    registry.flows.refuses = true
    const accepted = await register('patient')
    registry.flows.refuses = false
    expect(registry.flows.started.size).toBe(0)
    await registry.models.resume()
    await registry.models.resume()
    expect([...registry.flows.started.keys()]).toContain(accepted.operation_id)
    expect(registry.flows.asked.filter((id) => id === accepted.operation_id)).toHaveLength(2)
  })

  it('shows who asked for it by name', async () => {
    const { operation_id } = await register('named')
    const operation = await platform.operations.find(registry.principal.project_id, operation_id)
    expect(operation?.created_by).toBe('Ada')
  })
})

describe('uploads', () => {
  it('become a model and are gone when it is imported', async () => {
    const { source_path } = await upload(sampleFiles())
    const accepted = await registry.models.register(registry.principal, { name: 'sent', source_path })
    const held = registry.flows.started.get(accepted.operation_id)
    if (held) await new FakeRun(accepted.operation_id).execute(held.flow, held.input)
    expect(await registry.models.get(registry.principal, 'sent')).toMatchObject({
      state: { name: 'available' },
      source_path,
    })
    expect(await Array.fromAsync(registry.store.list('uploads'))).toEqual([])
    await expect(registry.models.register(registry.principal, { name: 'again', source_path })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('take a file again, and refuse names that lead elsewhere', async () => {
    const { id } = await upload({ 'a/b.txt': 'first' })
    expect(
      await registry.models.uploads.writeFile(registry.principal, { id: id, path: 'a/b.txt' }, chunksOf('second')),
    ).toEqual({
      path: 'a/b.txt',
      bytes: 6,
    })
    for (const path of ['../x', '/etc/passwd', 'a/../../x', 'a\\b', '', 'a//b', 'x\u202ey']) {
      await expect(
        registry.models.uploads.writeFile(registry.principal, { id: id, path: path }, chunksOf('x')),
      ).rejects.toMatchObject({
        code: 'invalid-input',
      })
    }
    expect((await Array.fromAsync(registry.store.list(`uploads/${id}`))).map(({ key }) => key)).toEqual([
      `uploads/${id}/a/b.txt`,
    ])
  })

  it('of another project are not there', async () => {
    const { id, source_path } = await upload(sampleFiles())
    const stranger = principalOf('strangers')
    await expect(
      registry.models.uploads.writeFile(stranger, { id: id, path: 'a' }, chunksOf('x')),
    ).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(registry.models.register(stranger, { name: 'theirs', source_path })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('are not touched while they are imported, and free again when the import failed', async () => {
    const { id, source_path } = await upload({ ...sampleFiles(), 'config.json': '{' })
    const accepted = await registry.models.register(registry.principal, { name: 'first', source_path })
    await expect(
      registry.models.uploads.writeFile(registry.principal, { id: id, path: 'config.json' }, chunksOf('{}')),
    ).rejects.toMatchObject({ code: 'conflict' })
    await expect(registry.models.register(registry.principal, { name: 'second', source_path })).rejects.toMatchObject({
      code: 'conflict',
    })
    const held = registry.flows.started.get(accepted.operation_id)
    if (held) await new FakeRun(accepted.operation_id).execute(held.flow, held.input)
    expect((await registry.models.get(registry.principal, 'first')).state.name).toBe('failed')
    await registry.models.uploads.writeFile(
      registry.principal,
      { id: id, path: 'config.json' },
      chunksOf(sampleFiles()['config.json'] ?? ''),
    )
    await registry.models.delete(registry.principal, 'first')
    await registry.models.register(registry.principal, { name: 'first', source_path })
  })

  it('are swept when nobody came back for a week', async () => {
    let nowMs = Date.parse('2026-01-01T00:00:00Z')
    await registry.remove()
    registry = await createTestModels(platform, { clock: { nowMs: () => nowMs, sleep: async () => {} } })
    const { id } = await upload({ 'a.txt': 'left behind' })
    nowMs += 8 * 24 * 3_600_000
    await registry.models.sweepByItself()
    expect(await Array.fromAsync(registry.store.list(`uploads/${id}`))).toEqual([])
  })
})

describe('the list', () => {
  it('shows registered models newest first, then the catalogue by name, each once, page by page', async () => {
    for (const name of ['one', 'two', 'three']) await register(name)
    const all = await listAll()
    expect(all.slice(0, 3).map(({ name }) => name)).toEqual(['three', 'two', 'one'])
    const rest = all.slice(3).map(({ name }) => name)
    expect(rest).toEqual(catalogue.map(({ name }) => name).toSorted())
    expect(rest).toHaveLength(75)
    expect(new Set(all.map(({ id }) => id)).size).toBe(78)
    expect(await listAll({}, 1)).toEqual(all)
    expect(await listAll({}, 3)).toEqual(all)
    expect(await listAll({}, 200)).toEqual(all)
  })

  it('stays stable while models come', async () => {
    for (const name of ['one', 'two']) await register(name)
    const first = await registry.models.list(registry.principal, { limit: 1 })
    await register('three')
    const second = await registry.models.list(registry.principal, { limit: 1, cursor: first.next_cursor ?? '' })
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['two', 'one'])
  })

  it('finds by words, architecture prefix, size and origin, in both kinds alike', async () => {
    await register('team/my-llama', { architecture: 'llama', parameter_count: 7_000_000_000 })
    const names = async (input: object) => (await listAll({ ...input })).map(({ name }) => name)
    expect(await names({ search: 'MY llama' })).toEqual(['team/my-llama'])
    expect(await names({ search: '100%_' })).toEqual([])
    const llamas = await names({ architecture: 'Llama', parameters_min: 6e9, parameters_max: 8.1e9 })
    expect(llamas[0]).toBe('team/my-llama')
    expect(llamas).toContain('meta-llama/Llama-2-7b-hf')
    expect(llamas).not.toContain('meta-llama/Llama-2-13b-hf')
    expect(await names({ origin: 'registered' })).toEqual(['team/my-llama'])
    expect(await names({ origin: 'catalogue', search: 'my-llama' })).toEqual([])
  })

  it('refuses a cursor it did not give', async () => {
    await expect(registry.models.list(registry.principal, { limit: 5, cursor: 'bm9wZQ' })).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [{ path: 'cursor' }],
    })
  })

  it('shows nothing of other projects', async () => {
    await register('ours')
    expect((await registry.models.list(principalOf('theirs'), { limit: 200 })).items).toHaveLength(75)
    await expect(registry.models.get(principalOf('theirs'), 'ours')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('catalogue entries', () => {
  const name = 'meta-llama/Llama-2-7b-hf'

  it('have the same id everywhere and say what they are', async () => {
    const entry = await registry.models.get(registry.principal, name)
    expect(entry).toMatchObject({
      origin: 'catalogue',
      has_files: false,
      state: { name: 'available', reasons: [{ code: 'architecture-only' }] },
      files: [],
      scan: null,
      facts: { layers: 32 },
    })
    const elsewhere = await createTestModels(platform, { catalogue })
    expect((await elsewhere.models.get(elsewhere.principal, entry.id)).version_id).toBe(entry.version_id)
    await elsewhere.remove()
  })

  it('can be planned for, but not deleted or scanned', async () => {
    const resolved = await registry.models.resolveForDeployment(registry.principal.project_id, name)
    expect(resolved).toMatchObject({
      name,
      manifest: null,
      has_files: false,
      state: { name: 'available' },
      facts: { layers: 32 },
    })
    await expect(registry.models.delete(registry.principal, name)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('catalogue entry'),
    })
    await expect(registry.models.rescan(registry.principal, name)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('give way to a registered model of the same name', async () => {
    const source_path = await registry.put('copy')
    const { id } = await registry.models.register(registry.principal, { name, source_path })
    expect((await registry.models.get(registry.principal, name)).id).toBe(id)
    const shown = (await listAll()).filter((model) => model.name === name)
    expect(shown.map(({ origin }) => origin)).toEqual(['registered'])
  })
})

describe('deleting', () => {
  it('removes rows and files, and frees the name', async () => {
    const { id } = await registerToEnd('gone')
    await registry.models.delete(registry.principal, 'gone')
    await expect(registry.models.get(registry.principal, id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await Array.fromAsync(registry.store.list('models'))).toEqual([])
    await register('gone')
  })

  it('is refused while endpoints use the model, and names them', async () => {
    const { id } = await registerToEnd('busy')
    const { version_id } = await registry.models.get(registry.principal, id)
    const user = { endpoint_id: 'ep-1', endpoint_name: 'chat', version_id }
    registry.usage.use(registry.principal.project_id, id, user)
    await expect(registry.models.delete(registry.principal, 'busy')).rejects.toMatchObject({
      code: 'conflict',
      message: '"busy" is used by "chat".',
      reasons: [{ code: 'model-in-use', next_step: 'Delete the endpoint "chat" first.' }],
    })
    expect((await registry.models.get(registry.principal, id)).used_by).toEqual([user])
  })

  it('is refused while the model is imported, and says which operation to wait for', async () => {
    const { operation_id } = await register('moving')
    await expect(registry.models.delete(registry.principal, 'moving')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(operation_id),
    })
    await expect(registry.models.rescan(registry.principal, 'moving')).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('handing out', () => {
  it('gives deployment the pinned manifest and the files, by id or by name', async () => {
    const { id } = await registerToEnd('team/served')
    const { project_id } = registry.principal
    const resolved = await registry.models.resolveForDeployment(project_id, 'team/served')
    expect(await registry.models.resolveForDeployment(project_id, id)).toEqual(resolved)
    expect(resolved.manifest?.files.map(({ path }) => path)).toEqual(Object.keys(sampleFiles()).toSorted())
    const config = await text(await registry.models.openFile(resolved.version_id, 'config.json'))
    expect(JSON.parse(config)).toMatchObject({ model_type: 'llama' })
    await expect(registry.models.openFile(resolved.version_id, '../x')).rejects.toMatchObject({ code: 'not-found' })
    await expect(registry.models.openFile('mver-none', 'config.json')).rejects.toMatchObject({ code: 'not-found' })
    await expect(registry.models.resolveForDeployment(project_id, 'nobody')).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('on the real flow runner', () => {
  it('imports by itself from the registration to available', async () => {
    const own = await createTestPlatform()
    await migrateModels(own)
    const real = await createTestModels(own, { flows: own.flows })
    try {
      for (const flow of real.models.flows) own.flows.register(flow)
      await own.flows.launch()
      const source_path = await real.put('live')
      const { operation_id, id } = await real.models.register(real.principal, { name: 'live', source_path })
      expect(await own.flows.result(operation_id)).toBe('available')
      const again = await real.models.rescan(real.principal, id)
      expect(await own.flows.result(again.operation_id)).toBe('available')
      await real.models.resume()
    } finally {
      await own.close()
      await real.remove()
    }
  })
})
