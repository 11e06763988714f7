import { readdir, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { FakeRun } from '@bud/platform/testing/fake-run'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { migrateModels } from '../create-models.ts'
import { eicarTestString } from '../domain/scan/signature-search.ts'
import type { AcceptedModel } from '../services/accept-version.ts'
import { pickleOf, pickleOp } from '../testing/pickle-writer.ts'
import { createTestModels, sampleFiles, type TestModels } from '../testing/test-models.ts'

let platform: Platform
let registry: TestModels
beforeAll(async () => {
  platform = await createTestPlatform()
  await migrateModels(platform)
})
afterAll(() => platform.close())
beforeEach(async () => {
  registry = await createTestModels(platform)
})
afterEach(() => registry.remove())

const register = async (files?: Record<string, Uint8Array | string>, claims = {}): Promise<AcceptedModel> =>
  registry.models.register(registry.principal, {
    name: 'my-model',
    source_path: await registry.put('my-model', files),
    ...claims,
  })

async function execute(accepted: AcceptedModel, run = new FakeRun(accepted.operation_id)) {
  const held = registry.flows.started.get(accepted.operation_id)
  if (!held) throw new Error('the flow was not started')
  const outcome = await run.execute(held.flow, held.input)
  return { outcome, run, model: await registry.models.get(registry.principal, accepted.id) }
}

const operationOf = ({ operation_id }: AcceptedModel) =>
  platform.operations.find(registry.principal.project_id, operation_id)
async function storedFiles(): Promise<string[]> {
  const entries = await readdir(registry.storeFolder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(registry.storeFolder, join(parentPath, name)))
    .filter((path) => path !== join('installation', 'id'))
    .toSorted()
}

describe('import-and-scan', () => {
  it('brings a sound model to available, with facts, manifest and report from its files', async () => {
    const accepted = await register()
    expect(await registry.models.get(registry.principal, 'my-model')).toMatchObject({
      state: { name: 'importing' },
      has_files: false,
    })
    const { model } = await execute(accepted)
    expect(model).toMatchObject({
      id: accepted.id,
      origin: 'registered',
      architecture: 'llama',
      parameter_count: 459_392,
      context_length: 2048,
      state: { name: 'available', reasons: [] },
      has_files: true,
      conflicts: [],
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      operation_id: accepted.operation_id,
      registered_by: 'Ada',
      facts: { weight_precision: 'bf16', weight_bytes: 918_784, layers: 2 },
      scan: {
        verdict: 'clean',
        findings: [],
        scanners: [{ name: 'signatures' }, { name: 'secrets' }, { name: 'formats' }],
      },
    })
    expect(model.files.map(({ path }) => path)).toEqual(Object.keys(sampleFiles()).toSorted())
    expect(model.scan).toMatchObject({ bytes: model.total_bytes, bytes_covered: model.total_bytes })
    for (const { bytes, scanned } of model.files) {
      expect(scanned).toEqual(
        ['signatures', 'secrets', 'formats'].map((scanner) => ({ scanner, bytes_covered: bytes })),
      )
    }
    const operation = await operationOf(accepted)
    expect(operation?.state).toBe('succeeded')
    expect(operation?.steps.map(({ name, state }) => [name, state])).toEqual(
      ['import', 'read-facts', 'scan', 'finish'].map((name) => [name, 'succeeded']),
    )
    const total = model.files.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(operation?.steps[0]?.progress).toEqual({ done: total, total, unit: 'bytes' })
  })

  it('believes the files where the registration says otherwise, and shows both', async () => {
    const { model } = await execute(
      await register(undefined, { architecture: 'qwen2', parameter_count: 7_000_000_000, context_length: 8192 }),
    )
    expect(model.state.name).toBe('available')
    expect(model.parameter_count).toBe(459_392)
    expect(model.conflicts.map(({ field, claimed, found }) => [field, claimed, found])).toEqual([
      ['architecture', 'qwen2', 'llama'],
      ['parameter_count', '7000000000', '459392'],
      ['context_length', '8192', '2048'],
    ])
  })

  const steps = ['list', 'import 1 of 1', 'read-facts', 'scan', 'finish', 'remove-upload']
  for (const step of steps) {
    for (const when of ['before', 'after'] as const) {
      it(`ends the same when the process is killed ${when} "${step}"`, async () => {
        const upload = await registry.models.uploads.create(registry.principal)
        for (const [path, content] of Object.entries(sampleFiles())) {
          await registry.models.uploads.writeFile(registry.principal, { id: upload.id, path: path }, chunks(content))
        }
        const accepted = await registry.models.register(registry.principal, {
          name: 'my-model',
          source_path: upload.source_path,
        })
        const run = new FakeRun(accepted.operation_id).crashAt(step, when)
        expect((await execute(accepted, run)).outcome).toEqual({ state: 'crashed', step })
        const { outcome, model } = await execute(accepted, run)
        expect(outcome).toEqual({ state: 'completed', output: 'available' })
        expect(model).toMatchObject({ state: { name: 'available' }, scan: { verdict: 'clean' } })
        const expected = Object.keys(sampleFiles()).map((path) => `models/${model.id}/${model.version_id}/${path}`)
        expect(await storedFiles()).toEqual(expected.toSorted())
        expect(await operationOf(accepted)).toMatchObject({ state: 'succeeded' })
      })
    }
  }

  it('does not copy again what an interrupted import had stored, and digests what is stored', async () => {
    const accepted = await register()
    const { model: before } = await execute(
      accepted,
      new FakeRun(accepted.operation_id).crashAt('import 1 of 1', 'after'),
    )
    await writeFile(
      join(registry.bucket, 'my-model', 'tokenizer.json'),
      Buffer.alloc(sampleFiles()['tokenizer.json']?.length ?? 0, 0x20),
    )
    const { model } = await execute(accepted)
    expect(before.state.name).toBe('importing')
    expect(model.state.name).toBe('available')
    const file = model.files.find(({ path }) => path === 'tokenizer.json')
    const opened = await registry.models.openFile(model.version_id, 'tokenizer.json')
    let bytes = 0
    for await (const chunk of opened) bytes += chunk.length
    expect(bytes).toBe(file?.bytes)
  })

  const refused: [string, Record<string, Uint8Array | string>, string, string][] = [
    [
      'a forbidden pickle',
      { 'extra.pkl': pickleOf(pickleOp.proto(2), pickleOp.global('os', 'system'), pickleOp.stop()) },
      'quarantined',
      'pickle-global',
    ],
    ['the test virus', { 'notes.txt': `text ${eicarTestString}` }, 'quarantined', 'eicar-test-file'],
    ['a program', { 'helper.bin': '\x7fELF....' }, 'quarantined', 'executable'],
    [
      'a format that cannot be inspected',
      { 'model.7z': Buffer.from('377abcaf271c', 'hex') },
      'scan-incomplete',
      'not-fully-scanned',
    ],
    ['a deceptive name', { 'a\u202eb.txt': 'x' }, 'quarantined', 'odd-name'],
  ]
  for (const [what, extra, state, code] of refused) {
    it(`ends ${state} with ${what}, and hands nothing out`, async () => {
      const accepted = await register({ ...sampleFiles(), ...extra })
      const { model } = await execute(accepted)
      expect(model.state).toMatchObject({
        name: state,
        reasons: [{ code, path: expect.any(String), next_step: expect.any(String) }],
      })
      expect(await operationOf(accepted)).toMatchObject({ state: 'failed', reasons: [{ code }] })
      await expect(registry.models.openFile(model.version_id, 'config.json')).rejects.toMatchObject({
        code: 'conflict',
      })
      expect((await registry.models.resolveForDeployment(registry.principal.project_id, 'my-model')).state.name).toBe(
        state,
      )
    })
  }

  const { 'model.safetensors': weights = Buffer.alloc(0), ...others } = sampleFiles()
  const incomplete: [string, Record<string, Uint8Array | string>, string, RegExp][] = [
    [
      'weights are cut short',
      { ...others, 'model.safetensors': weights.subarray(0, weights.length - 1000) },
      'weights-cut-short',
      /model\.safetensors is cut short: 1,000 of [\d,]+ bytes are missing/,
    ],
    [
      'a shard of the index is missing',
      {
        ...sampleFiles(),
        'model.safetensors.index.json': JSON.stringify({
          weight_map: { a: 'model.safetensors', b: 'model-00002.safetensors' },
        }),
      },
      'shard-missing',
      /model-00002\.safetensors, which is not there/,
    ],
    [
      'config.json is no JSON',
      { ...sampleFiles(), 'config.json': '{"model_type":' },
      'json-invalid',
      /config\.json cannot be read as JSON/,
    ],
    [
      'config.json lacks what planning needs',
      { ...sampleFiles(), 'config.json': '{"model_type":"llama"}' },
      expect.any(String) as unknown as string,
      /.+/,
    ],
  ]
  for (const [what, files, code, message] of incomplete) {
    it(`fails and leaves nothing in the store when ${what}`, async () => {
      const accepted = await register(files)
      const { model } = await execute(accepted)
      expect(model.state.name).toBe('failed')
      expect(model.state.reasons[0]).toMatchObject({ code, message: expect.stringMatching(message) })
      expect(model).toMatchObject({ has_files: false, files: [], scan: null })
      expect(await Array.fromAsync(registry.store.list(`models/${model.id}`))).toEqual([])
      const operation = await operationOf(accepted)
      expect(operation).toMatchObject({ state: 'failed', reasons: model.state.reasons })
      expect(operation?.steps.map(({ state }) => state)).not.toContain('running')
    })
  }

  it('fails also when its files cannot be removed, so that the model can be deleted later', async () => {
    const accepted = await register({ ...sampleFiles(), 'config.json': '{' })
    const { deletePrefix } = registry.store
    registry.store.deletePrefix = () => Promise.reject(new Error('the disk is read-only'))
    const { model } = await execute(accepted)
    expect(model.state).toMatchObject({ name: 'failed', reasons: [{ code: 'json-invalid' }] })
    expect(await operationOf(accepted)).toMatchObject({ state: 'failed' })
    registry.store.deletePrefix = deletePrefix
    await registry.models.delete(registry.principal, accepted.id)
    expect(await storedFiles()).toEqual([])
  })

  it('fails when its flow broke off, with what broke it, and can be deleted then', async () => {
    const accepted = await register()
    registry.flows.breakOff(accepted.operation_id, new Error('the database was gone'))
    await registry.models.resume()
    await registry.models.resume()
    expect(await registry.models.get(registry.principal, accepted.id)).toMatchObject({
      state: { name: 'failed', reasons: [{ message: 'the database was gone', next_step: expect.any(String) }] },
    })
    expect(await operationOf(accepted)).toMatchObject({ state: 'failed' })
    await registry.models.delete(registry.principal, accepted.id)
    await register()
  })

  it('is incomplete, never clean, when a scanner fails', async () => {
    const failing = { name: 'broken', version: '1', scan: () => Promise.reject(new Error('the scanner is down')) }
    const broken = await createTestModels(platform, { scanners: [failing] })
    const none = await createTestModels(platform, { scanners: [], streamScanners: [] })
    for (const other of [broken, none]) {
      await registry.remove()
      registry = other
      const { model } = await execute(await register())
      expect(model.state.name).toBe('scan-incomplete')
    }
  })
})

describe('rescan-model', () => {
  async function available() {
    const accepted = await register()
    await execute(accepted)
    return accepted
  }

  it('passes unchanged files again', async () => {
    const { id } = await available()
    const again = await registry.models.rescan(registry.principal, id)
    expect(await registry.models.get(registry.principal, id)).toMatchObject({
      state: { name: 'available' },
      rescanning: true,
      operation_id: again.operation_id,
    })
    const { model } = await execute(again)
    expect(model.state.name).toBe('available')
    expect(await operationOf(again)).toMatchObject({ state: 'succeeded', kind: 'rescan-model' })
  })

  it('is incomplete when its flow broke off, and can be asked for again', async () => {
    const { id } = await available()
    const again = await registry.models.rescan(registry.principal, id)
    registry.flows.breakOff(again.operation_id, new Error('the database was gone'))
    await registry.models.resume()
    expect(await registry.models.get(registry.principal, id)).toMatchObject({
      state: { name: 'scan-incomplete', reasons: [{ message: 'the database was gone' }] },
      has_files: true,
    })
    expect((await execute(await registry.models.rescan(registry.principal, id))).model.state.name).toBe('available')
  })

  it('blocks a stored file that is no longer what was imported', async () => {
    const { id } = await available()
    const { version_id } = await registry.models.get(registry.principal, id)
    await registry.store.write(
      `models/${id}/${version_id}/config.json`,
      chunks(Buffer.from('{"model_type":"other"}')),
      { replace: true },
    )
    const opened = await registry.models.openFile(version_id, 'config.json')
    await expect(Array.fromAsync(opened)).rejects.toMatchObject({ reasons: [{ code: 'model-object-changed' }] })
    const { model } = await execute(await registry.models.rescan(registry.principal, id))
    expect(model.state).toMatchObject({
      name: 'quarantined',
      reasons: [{ code: 'changed-in-store', path: 'config.json' }],
    })
  })

  it('is incomplete when a stored file is gone, and keeps the others', async () => {
    const { id } = await available()
    const { version_id } = await registry.models.get(registry.principal, id)
    await rm(join(registry.storeFolder, 'models', id, version_id, 'config.json'))
    const { model } = await execute(await registry.models.rescan(registry.principal, id))
    expect(model.state.name).toBe('scan-incomplete')
    expect((await Array.fromAsync(registry.store.list(`models/${id}`))).length).toBe(4)
  })

  for (const step of ['list', 'read 1 of 1', 'scan', 'finish']) {
    it(`ends the same when the process is killed after "${step}"`, async () => {
      const { id } = await available()
      const again = await registry.models.rescan(registry.principal, id)
      const run = new FakeRun(again.operation_id).crashAt(step, 'after')
      await execute(again, run)
      expect((await execute(again, run)).model.state.name).toBe('available')
    })
  }
})

async function* chunks(content: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536)
}
