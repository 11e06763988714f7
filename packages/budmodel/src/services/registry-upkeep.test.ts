/** What the registry does by itself: newer rules, changed policies, silent scanners, leftovers, health. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createId, unavailable } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { FakeRun } from '@bud/platform/testing/fake-run'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFormatScanner } from '../adapters/format-scanner.ts'
import { migrateModels } from '../create-models.ts'
import { finding } from '../domain/scan/scan-report.ts'
import type { Scanner, StreamScanner } from '../ports.ts'
import { chunksOf } from '../testing/artifact-store.contract.ts'
import { createTestModels, sampleFiles, type TestModels } from '../testing/test-models.ts'

const DAY_MS = 24 * 3_600_000
/** Looks at everything, and answers as a test says. */
class Virus implements StreamScanner {
  readonly name = 'virus'
  signatures = '1'
  silent = false
  finds = false

  async version() {
    if (this.silent) throw unavailable('no answer')
    return this.signatures
  }

  watch(_path: string, bytes: number) {
    const covered = () => (this.silent ? 0 : bytes)
    const found = this.finds ? [finding('block', 'virus-found', 'It is ill.')] : []
    return { push() {}, end: async () => ({ format: '', bytes_covered: covered(), findings: found }), abort() {} }
  }
}

let platform: Platform
let registry: TestModels
let virus: Virus
let streamScanners: StreamScanner[]
let scanners: Scanner[]
let nowMs: number
beforeAll(async () => {
  platform = await createTestPlatform()
  await migrateModels(platform)
})
afterAll(() => platform.close())
beforeEach(async () => {
  virus = new Virus()
  streamScanners = [virus]
  scanners = [createFormatScanner()]
  nowMs = Date.now()
  registry = await createTestModels(platform, {
    streamScanners,
    scanners,
    clock: { nowMs: () => nowMs, sleep: async () => {} },
  })
})
afterEach(async () => {
  for (const { name } of (await registry.models.list(registry.principal, { origin: 'registered', limit: 100 })).items)
    await registry.models.delete(registry.principal, name)
  await registry.remove()
})

async function execute(operationId: string): Promise<void> {
  const held = registry.flows.started.get(operationId)
  if (!held) throw new Error('the flow was not started')
  await new FakeRun(operationId).execute(held.flow, held.input)
}

async function register(name: string, files = sampleFiles()): Promise<string> {
  const source_path = await registry.put(name, files)
  const { id, operation_id } = await registry.models.register(registry.principal, { name, source_path })
  await execute(operation_id)
  return id
}

const get = (reference: string) => registry.models.get(registry.principal, reference)
const policy = (change: (text: string) => string) => async () => {
  const { text } = await registry.models.policy.view()
  return registry.models.policy.replace({ ...registry.principal, role: 'owner' }, change(text))
}

describe('newer signatures', () => {
  it('have every version scanned again, once, while its state holds', async () => {
    await register('model')
    expect(await registry.models.rescanStale()).toBe(0)
    virus.signatures = '2'
    expect(await registry.models.rescanStale()).toBe(1)
    const during = await get('model')
    expect(during).toMatchObject({ state: { name: 'available' }, rescanning: true })
    expect(await registry.models.rescanStale()).toBe(0)
    await execute(during.operation_id ?? '')
    const after = await get('model')
    expect(after).toMatchObject({ state: { name: 'available' }, rescanning: false })
    expect(after.scan?.scanners).toContainEqual({ name: 'virus', version: '2' })
    expect(await registry.models.rescanStale()).toBe(0)
  })

  it('start nothing while a scanner does not answer', async () => {
    await register('model')
    virus.signatures = '2'
    virus.silent = true
    expect(await registry.models.rescanStale()).toBe(0)
    expect((await get('model')).state.name).toBe('available')
  })

  it('make up for a scan that a silent scanner left incomplete', async () => {
    virus.silent = true
    await register('model')
    expect((await get('model')).state.name).toBe('scan-incomplete')
    virus.silent = false
    await registry.models.rescanStale()
    await execute((await get('model')).operation_id ?? '')
    expect((await get('model')).state.name).toBe('available')
  })

  it('are not begun for a version that is archived, nor can it be deleted while it is scanned', async () => {
    await register('model')
    const { operation_id } = await registry.models.rescan(registry.principal, 'model')
    await expect(registry.models.delete(registry.principal, 'model')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(operation_id),
    })
    await expect(registry.models.archive(registry.principal, 'model')).rejects.toMatchObject({ code: 'conflict' })
    await execute(operation_id)
    await registry.models.archive(registry.principal, 'model')
    virus.signatures = '2'
    expect(await registry.models.rescanStale()).toBe(0)
    await expect(registry.models.rescan(registry.principal, 'model')).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('a waiver', () => {
  const expires = () => new Date(nowMs + 10 * DAY_MS).toISOString().slice(0, 10)
  const blockScripts = policy((text) => text.replace(/^rules: .*$/m, 'rules: { script: block }'))

  it('runs out by itself at the end of its day', async () => {
    await register('model', { ...sampleFiles(), 'convert.py': Buffer.from('print(1)\n') })
    await blockScripts()
    expect((await get('model')).state).toMatchObject({ name: 'quarantined', reasons: [{ code: 'script' }] })
    const waiver = { name: 'reviewed', rule: 'script', model: 'model', reason: 'was read', expires: expires() }
    await registry.models.policy.waive({ ...registry.principal, role: 'owner' }, waiver)
    expect((await get('model')).state.name).toBe('available')
    nowMs += 9 * DAY_MS
    expect(await registry.models.judgeAnew()).toBe(0)
    nowMs += 2 * DAY_MS
    expect(await registry.models.judgeAnew()).toBe(1)
    expect((await get('model')).state.name).toBe('quarantined')
  })

  it('is given by owners alone', async () => {
    const waiver = { name: 'mine', rule: 'script', model: '*', reason: 'because', expires: expires() }
    await expect(registry.models.policy.waive(registry.principal, waiver)).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('a policy', () => {
  it('that cannot be read lets nothing new through, and shows itself to be mended', async () => {
    await registry.models.policy.view()
    await registry.writePolicy('clamd: [')
    await register('model')
    expect((await get('model')).state).toMatchObject({
      name: 'scan-incomplete',
      reasons: [{ code: 'policy-unreadable' }],
    })
    expect(await registry.models.policy.view()).toMatchObject({ text: 'clamd: [', digest: '' })
    await registry.writePolicy('clamd: optional\n')
    await registry.models.judgeAnew()
    expect((await get('model')).state.name).toBe('available')
  })

  it('that requires clamd leaves versions incomplete without it', async () => {
    await register('model')
    await policy((text) => text.replace(/^clamd: .*$/m, 'clamd: required'))()
    expect((await get('model')).state).toMatchObject({ name: 'scan-incomplete', reasons: [{ code: 'clamd-missing' }] })
  })
})

describe('the sweep', () => {
  it('touches nothing that is not ours: other names, markers, another installation’s store', async () => {
    await registry.store.write('models/llama-3/main/model.safetensors', chunksOf('mine'))
    await registry.store.write(`models/${createId('model')}`, chunksOf('a marker'))
    await registry.store.write(`models/${createId('model')}/${createId('mver')}/a`, chunksOf('old'))
    nowMs += 8 * DAY_MS
    const owner = { ...registry.principal, role: 'owner' as const }
    expect((await registry.models.sweep(owner, { dry_run: true })).orphans).toHaveLength(1)
    await registry.store.write('installation/id', chunksOf('somebody-else'), { replace: true })
    await expect(registry.models.sweep(owner, { dry_run: false })).rejects.toMatchObject({ code: 'conflict' })
    await registry.models.sweepByItself()
    expect((await Array.fromAsync(registry.store.list('models'))).length).toBe(3)
  })

  it('finds what belongs to nothing once it is an hour old, and leaves the rest', async () => {
    const id = await register('model')
    const [model, version, upload] = [createId('model'), createId('mver'), createId('upload')]
    await registry.store.write(`models/${model}/${version}/a.bin`, chunksOf('lost'))
    await registry.store.write(`uploads/${upload}/b.bin`, chunksOf('lost too'))
    const open = await registry.models.uploads.create(registry.principal)
    await registry.models.uploads.writeFile(registry.principal, { id: open.id, path: 'c' }, chunksOf('kept'))
    expect(await registry.models.sweep({ ...registry.principal, role: 'owner' }, { dry_run: false })).toEqual({
      orphans: [],
    })
    nowMs += 2 * 3_600_000
    const found = [
      { prefix: `models/${model}/${version}`, files: 1, bytes: 4 },
      { prefix: `uploads/${upload}`, files: 1, bytes: 8 },
    ]
    const told = (removed: boolean) => ({ orphans: found.map((one) => ({ ...one, removed })) })
    expect(await registry.models.sweep({ ...registry.principal, role: 'owner' }, { dry_run: true })).toEqual(
      told(false),
    )
    expect(await registry.models.sweep({ ...registry.principal, role: 'owner' }, { dry_run: false })).toEqual(
      told(true),
    )
    expect(await registry.models.sweep({ ...registry.principal, role: 'owner' }, { dry_run: true })).toEqual({
      orphans: [],
    })
    expect((await Array.fromAsync(registry.store.list(`models/${id}`))).length).toBeGreaterThan(0)
    expect((await Array.fromAsync(registry.store.list(`uploads/${open.id}`))).length).toBe(1)
    await expect(registry.models.sweep(registry.principal, { dry_run: true })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('what a scan said', () => {
  const rescanToEnd = async () => execute((await registry.models.rescan(registry.principal, 'model')).operation_id)
  const owner = () => ({ ...registry.principal, role: 'owner' as const })

  it('no longer counts once a later scan has failed, whatever the policy or the day', async () => {
    const id = await register('model')
    const { version_id } = await get('model')
    const file = join(registry.storeFolder, 'models', id, version_id, 'config.json')
    const content = await readFile(file)
    await rm(file)
    await rescanToEnd()
    expect((await get('model')).state.name).toBe('scan-incomplete')
    await policy((text) => `${text}\n# touched\n`)()
    nowMs += 2 * DAY_MS
    await registry.models.judgeAnew()
    expect((await get('model')).state.name).toBe('scan-incomplete')
    await registry.models.archive(owner(), 'model')
    await expect(registry.models.restore(owner(), 'model')).rejects.toMatchObject({
      code: 'conflict',
      reasons: [{ code: 'file-missing', path: 'config.json' }],
    })
    await writeFile(file, content)
    expect((await registry.models.restore(owner(), 'model')).state.name).toBe('scan-incomplete')
    await rescanToEnd()
    expect((await get('model')).state.name).toBe('available')
  })

  it('counts for the bytes that were digested alone, also when they are put back after an exchange', async () => {
    const files = sampleFiles()
    const exchanging: Scanner = {
      name: 'exchanging',
      version: '1',
      async scan(file) {
        for await (const { key } of registry.store.list('models')) {
          if (file.path !== 'config.json' || !key.endsWith('/config.json')) continue
          const original = files['config.json'] ?? Buffer.alloc(0)
          await registry.store.write(key, chunksOf('{}'), { replace: true })
          await registry.store.write(key, chunksOf(original), { replace: true })
        }
        return { format: 'text', bytes_covered: file.bytes, findings: [] }
      },
    }
    scanners.push(exchanging)
    await register('model', files)
    expect((await get('model')).state).toMatchObject({
      name: 'quarantined',
      reasons: [{ code: 'changed-in-store', path: 'config.json' }],
    })
  })

  it('is not taken back by a scanner that is absent', async () => {
    virus.finds = true
    await register('model')
    expect((await get('model')).state).toMatchObject({
      name: 'quarantined',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'virus-found' })]),
    })
    streamScanners.length = 0
    expect(await registry.models.rescanStale()).toBe(0)
    await rescanToEnd()
    expect((await get('model')).state).toMatchObject({
      name: 'quarantined',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'virus-found' })]),
    })
  })

  it('is judged before anything is deployed, also when the schedule has not come round', async () => {
    await register('model', { ...sampleFiles(), 'convert.py': Buffer.from('print(1)\n') })
    await registry.writePolicy('rules: { script: block }\n')
    const { project_id } = registry.principal
    expect((await registry.models.resolveForDeployment(project_id, 'model')).state.name).toBe('quarantined')
    await registry.writePolicy('rules: {}\n')
    const { version_id } = await get('model')
    await (await registry.models.openFile(version_id, 'config.json')).resume()
    await registry.writePolicy('rules: [')
    await expect(registry.models.openFile(version_id, 'config.json')).rejects.toMatchObject({ code: 'conflict' })
    expect((await get('model')).state).toMatchObject({
      name: 'scan-incomplete',
      reasons: [{ code: 'policy-unreadable' }],
    })
  })

  it('is judged by a policy that changes while it is scanned again', async () => {
    await register('model', { ...sampleFiles(), 'convert.py': Buffer.from('print(1)\n') })
    const { operation_id } = await registry.models.rescan(registry.principal, 'model')
    await policy((text) => text.replace(/^rules: .*$/m, 'rules: { script: block }'))()
    expect(await get('model')).toMatchObject({ state: { name: 'quarantined' }, rescanning: true })
    await execute(operation_id)
    expect(await get('model')).toMatchObject({ state: { name: 'quarantined' }, rescanning: false })
  })
})

describe('a deletion', () => {
  it('that a crash cut short goes on, and brings nothing back', async () => {
    const id = await register('model')
    const { deletePrefix } = registry.store
    registry.store.deletePrefix = () => Promise.reject(new Error('the process died'))
    await expect(registry.models.delete(registry.principal, 'model')).rejects.toThrow('the process died')
    registry.store.deletePrefix = deletePrefix
    await expect(registry.models.restore(registry.principal, 'model')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('being deleted'),
    })
    await registry.models.resume()
    expect((await get('model')).state.name).toBe('archived')
    nowMs += 2 * 60_000
    await registry.models.resume()
    await expect(get('model')).rejects.toMatchObject({ code: 'not-found' })
    expect(await Array.fromAsync(registry.store.list(`models/${id}`))).toEqual([])
  })
})

describe('health', () => {
  it('names what is not well, and what to do', async () => {
    const well = await registry.models.health()
    expect(well.filter(({ ok }) => !ok)).toEqual([])
    virus.silent = true
    await registry.writePolicy('clamd: [')
    await rm(join(registry.storeFolder), { recursive: true })
    const ill = (await registry.models.health()).filter(({ ok }) => !ok)
    expect(ill.map(({ name }) => name)).toEqual(expect.arrayContaining(['model policy', 'scanner virus']))
    for (const { next_step } of ill) expect(next_step).toMatch(/.+/)
  })
})
