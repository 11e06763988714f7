import { createHash, randomBytes } from 'node:crypto'
import type { Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { FakeRun } from '@bud/platform/testing/fake-run'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { migrateModels } from '../create-models.ts'
import { chunksOf } from '../testing/artifact-store.contract.ts'
import { principalOf } from '../testing/principal-of.ts'
import { createTestModels, sampleFiles, type TestModels } from '../testing/test-models.ts'
import type { UploadFile } from './upload-files.ts'

const MIB = 1024 * 1024
/** Three parts, the last of them short. */
const LARGE = randomBytes(33 * MIB)
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

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

const begin = (id: string, path: string, content: Uint8Array, digest?: string) =>
  registry.models.uploads.beginFile(registry.principal, { id, path, bytes: content.length, sha256: digest })
const sendPart = (id: string, path: string, content: Uint8Array, { number, offset, bytes }: UploadFile['missing'][0]) =>
  registry.models.uploads.writePart(
    registry.principal,
    { id, path, number },
    chunksOf(content.subarray(offset, offset + bytes)),
  )

async function send(id: string, path: string, content: Uint8Array, digest?: string) {
  const { missing } = await begin(id, path, content, digest)
  for (const part of missing) await sendPart(id, path, content, part)
  return registry.models.uploads.completeFile(registry.principal, { id, path })
}

describe('a file that arrives in parts', () => {
  it('goes on with what is missing, in any order, and is there when it is complete', async () => {
    const { id } = await registry.models.uploads.create(registry.principal)
    const begun = await begin(id, 'big.bin', LARGE)
    expect(begun).toMatchObject({ complete: false, bytes_arrived: 0, part_bytes: 16 * MIB })
    expect(begun.missing.map(({ number, url }) => [number, url])).toEqual(
      [1, 2, 3].map((number) => [number, `/uploads/${id}/parts/${number}/big.bin`]),
    )
    const [, , last] = begun.missing
    if (!last) throw new Error('there is no third part')
    await sendPart(id, 'big.bin', LARGE, last)
    const again = await begin(id, 'big.bin', LARGE)
    expect(again.bytes_arrived).toBe(MIB)
    expect(again.missing.map(({ number }) => number)).toEqual([1, 2])
    await expect(
      registry.models.uploads.completeFile(registry.principal, { id, path: 'big.bin' }),
    ).rejects.toMatchObject({
      code: 'conflict',
    })
    for (const part of again.missing) await sendPart(id, 'big.bin', LARGE, part)
    const done = await registry.models.uploads.completeFile(registry.principal, { id, path: 'big.bin' })
    expect(done).toMatchObject({ complete: true, bytes_arrived: LARGE.length, missing: [] })
    expect(await registry.models.uploads.completeFile(registry.principal, { id, path: 'big.bin' })).toEqual(done)
    expect(await begin(id, 'big.bin', LARGE)).toEqual(done)
    expect(await registry.models.uploads.get(registry.principal, id)).toMatchObject({
      files: [{ path: 'big.bin', bytes: LARGE.length, complete: true }],
    })
  })

  it('begins anew when it has another size or digest', async () => {
    const { id } = await registry.models.uploads.create(registry.principal)
    const first = await begin(id, 'a', LARGE)
    if (first.missing[0]) await sendPart(id, 'a', LARGE, first.missing[0])
    expect((await begin(id, 'a', LARGE.subarray(1))).bytes_arrived).toBe(0)
    expect((await begin(id, 'a', LARGE.subarray(1), sha256(LARGE))).bytes_arrived).toBe(0)
  })

  it('may be empty', async () => {
    const { id } = await registry.models.uploads.create(registry.principal)
    expect(await begin(id, 'empty', new Uint8Array())).toMatchObject({ complete: true, missing: [] })
    expect((await registry.models.uploads.get(registry.principal, id)).files).toEqual([
      { path: 'empty', bytes: 0, complete: true },
    ])
  })

  it('refuses parts there are not, odd names, and strangers', async () => {
    const { id } = await registry.models.uploads.create(registry.principal)
    await begin(id, 'a', LARGE)
    const place = { id, path: 'a' }
    for (const number of [0, 4, 1.5, Number.NaN]) {
      await expect(
        registry.models.uploads.writePart(registry.principal, { ...place, number }, chunksOf('x')),
      ).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining('parts 1 to 3') })
    }
    await expect(begin(id, '../x', LARGE)).rejects.toMatchObject({ code: 'invalid-input' })
    const stranger = principalOf('strangers')
    for (const attempt of [
      registry.models.uploads.get(stranger, id),
      registry.models.uploads.beginFile(stranger, { ...place, bytes: 1 }),
      registry.models.uploads.writePart(stranger, { ...place, number: 1 }, chunksOf('x')),
      registry.models.uploads.completeFile(stranger, place),
      registry.models.uploads.delete(stranger, id),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('an upload', () => {
  it('is not registered while parts are missing, and says which file', async () => {
    const { id, source_path } = await registry.models.uploads.create(registry.principal)
    for (const [path, content] of Object.entries(sampleFiles())) await send(id, path, content)
    await begin(id, 'big.bin', LARGE)
    await expect(registry.models.register(registry.principal, { name: 'early', source_path })).rejects.toMatchObject({
      code: 'conflict',
      reasons: [{ code: 'upload-unfinished', path: 'big.bin' }],
    })
  })

  it('is held against the digests that its sender announced', async () => {
    const digests = { right: sha256(sampleFiles()['config.json'] ?? Buffer.alloc(0)), wrong: sha256(LARGE) }
    const states: string[] = []
    for (const [name, digest] of Object.entries(digests)) {
      const { id, source_path } = await registry.models.uploads.create(registry.principal)
      for (const [path, content] of Object.entries(sampleFiles()))
        await send(id, path, content, path === 'config.json' ? digest : undefined)
      const accepted = await registry.models.register(registry.principal, { name, source_path })
      const held = registry.flows.started.get(accepted.operation_id)
      if (held) await new FakeRun(accepted.operation_id).execute(held.flow, held.input)
      const { state } = await registry.models.get(registry.principal, name)
      states.push(state.name, ...state.reasons.map(({ code }) => code))
    }
    expect(states).toEqual(['available', 'failed', 'source-digest-mismatch'])
    expect(await Array.fromAsync(registry.store.list('models'))).toHaveLength(Object.keys(sampleFiles()).length)
  })

  it('can be dropped with everything that arrived', async () => {
    const { id } = await registry.models.uploads.create(registry.principal)
    await send(id, 'a', Buffer.from('x'))
    await begin(id, 'b', LARGE)
    await registry.models.uploads.delete(registry.principal, id)
    expect(await Array.fromAsync(registry.store.list('uploads'))).toEqual([])
    await expect(registry.models.uploads.get(registry.principal, id)).rejects.toMatchObject({ code: 'not-found' })
  })
})
