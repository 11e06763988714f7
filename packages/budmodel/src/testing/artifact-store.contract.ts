/** What every artifact store keeps to. */
import { randomBytes } from 'node:crypto'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtifactStore } from '../ports.ts'

export async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

async function* breaksOff(): AsyncIterable<Uint8Array> {
  yield Buffer.from('half of ')
  throw new Error('connection lost')
}

export function testArtifactStore(
  name: string,
  create: () => Promise<{ store: ArtifactStore; remove(): Promise<void> }>,
): void {
  describe(name, () => {
    let store: ArtifactStore
    let remove: () => Promise<void>
    beforeEach(async () => {
      ;({ store, remove } = await create())
    })
    afterEach(() => remove())
    const keys = async (prefix: string) => (await Array.fromAsync(store.list(prefix))).map(({ key }) => key)

    it('gives back what was written, whole or by range', async () => {
      expect(await store.write('models/m/v/a.txt', chunksOf('hello ', 'world'))).toMatchObject({ bytes: 11 })
      expect(await text(await store.read('models/m/v/a.txt'))).toBe('hello world')
      expect(await text(await store.read('models/m/v/a.txt', { start: 6, end: 9 }))).toBe('wor')
      expect(await text(await store.read('models/m/v/a.txt', { start: 6, end: 999 }))).toBe('world')
      expect(await text(await store.read('models/m/v/a.txt', { start: 11, end: 20 }))).toBe('')
      expect(await store.stat('models/m/v/a.txt')).toEqual({ bytes: 11, etag: expect.any(String) })
    })

    it('stores empty files', async () => {
      await store.write('a/empty', chunksOf())
      expect(await store.stat('a/empty')).toMatchObject({ bytes: 0 })
      expect(await text(await store.read('a/empty'))).toBe('')
    })

    it('never changes what is stored, unless told to replace it', async () => {
      await store.write('a/b', chunksOf('first'))
      await expect(store.write('a/b', chunksOf('second'))).rejects.toMatchObject({ code: 'conflict' })
      expect(await text(await store.read('a/b'))).toBe('first')
      await store.write('a/b', chunksOf('third'), { replace: true })
      expect(await text(await store.read('a/b'))).toBe('third')
    })

    it('tells one content from another by its ETag, alike from writing, asking and listing', async () => {
      const large = Buffer.alloc(20 * 1024 * 1024, 7)
      for (const content of ['first', large]) {
        const { etag } = await store.write('a/etag', chunksOf(content), { replace: true })
        const [listed] = await Array.fromAsync(store.list('a'))
        expect([(await store.stat('a/etag'))?.etag, listed?.etag]).toEqual([etag, etag])
        const other = await store.write('a/etag', chunksOf('other'), { replace: true })
        expect(other.etag).not.toBe(etag)
      }
    })

    it('lets one of two writers of the same key win, whole', async () => {
      const results = await Promise.allSettled(['one', 'two'].map((word) => store.write('a/race', chunksOf(word))))
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(['one', 'two']).toContain(await text(await store.read('a/race')))
    })

    it('shows nothing of a large write that breaks off', async () => {
      const broken = async function* () {
        const chunk = Buffer.alloc(1024 * 1024, 1)
        for (let i = 0; i < 40; i++) yield chunk
        throw new Error('connection lost')
      }
      await expect(store.write('a/half', broken())).rejects.toThrow('connection lost')
      expect(await store.stat('a/half')).toBeUndefined()
      expect(await keys('a')).toEqual([])
    })

    it('shows nothing of a write that breaks off', async () => {
      await expect(store.write('a/half', breaksOff())).rejects.toThrow('connection lost')
      expect(await store.stat('a/half')).toBeUndefined()
      expect(await keys('a')).toEqual([])
      await store.write('a/half', chunksOf('whole'))
      await expect(store.write('a/half', breaksOff(), { replace: true })).rejects.toThrow('connection lost')
      expect(await text(await store.read('a/half'))).toBe('whole')
    })

    it('lists what lies below a prefix in key order, and nothing beside it', async () => {
      for (const key of ['m/v1/b', 'm/v1/a/z', 'm/v1/a.b', 'm/v10/x', 'm/v2/y']) await store.write(key, chunksOf(key))
      expect(await keys('m/v1')).toEqual(['m/v1/a.b', 'm/v1/a/z', 'm/v1/b'])
      expect(await keys('m/none')).toEqual([])
    })

    it('lists sizes and when each object was written', async () => {
      const beforeMs = Date.now()
      await store.write('m/v2/y', chunksOf('m/v2/y'))
      const [listed, ...others] = await Array.fromAsync(store.list('m/v2'))
      expect(others).toEqual([])
      expect(listed).toEqual({ key: 'm/v2/y', bytes: 6, changed_ms: expect.any(Number), etag: expect.any(String) })
      // Some stores tell whole seconds.
      expect(listed?.changed_ms).toBeGreaterThan(beforeMs - 2000)
      expect(listed?.changed_ms).toBeLessThan(Date.now() + 2000)
    })

    it('lists names of any script and every ordinary character as they were given', async () => {
      const names = ['a b+c%20d', 'é&<>"\'', '模型', '😀', 'x=y?z#!', 'a~(b)*']
      for (const name of names) await store.write(`m/names/${name}`, chunksOf(name))
      expect((await keys('m/names')).toSorted()).toEqual(names.map((name) => `m/names/${name}`).toSorted())
      for (const name of names) expect(await text(await store.read(`m/names/${name}`))).toBe(name)
      await store.copy('m/names/a b+c%20d', 'm/copies/é&<>')
      expect(await text(await store.read('m/copies/é&<>'))).toBe('a b+c%20d')
    })

    it('copies an object, and never over another one', async () => {
      await store.write('a/source', chunksOf('content'))
      expect(await store.copy('a/source', 'b/deep/copy')).toEqual({ bytes: 7 })
      expect(await text(await store.read('b/deep/copy'))).toBe('content')
      await store.write('a/other', chunksOf('other'))
      await expect(store.copy('a/source', 'a/other')).rejects.toMatchObject({ code: 'conflict' })
      await expect(store.copy('a/source', 'a/source')).rejects.toMatchObject({ code: 'conflict' })
      await expect(store.copy('a/none', 'a/new')).rejects.toMatchObject({ code: 'not-found' })
      expect(await text(await store.read('a/other'))).toBe('other')
    })

    it('keeps a copy when its source is replaced or deleted', async () => {
      await store.write('a/source', chunksOf('first'))
      await store.copy('a/source', 'b/copy')
      await store.write('a/source', chunksOf('second'), { replace: true })
      expect(await text(await store.read('b/copy'))).toBe('first')
      await store.deletePrefix('a')
      expect(await text(await store.read('b/copy'))).toBe('first')
    })

    it('gives back large content exactly, whatever the size of the chunks it came in', {
      timeout: 60_000,
    }, async () => {
      const bytes = 40 * 1024 * 1024 + 17
      const random = randomBytes(bytes)
      const uneven = async function* () {
        for (let at = 0, size = 1; at < bytes; at += size, size = (size * 7919) % 3_000_000) {
          yield random.subarray(at, at + size)
        }
      }
      expect(await store.write('a/large', uneven())).toMatchObject({ bytes })
      expect((await buffer(await store.read('a/large'))).equals(random)).toBe(true)
      const part = { start: 16 * 1024 * 1024 - 5, end: 33 * 1024 * 1024 + 1 }
      expect((await buffer(await store.read('a/large', part))).equals(random.subarray(part.start, part.end))).toBe(true)
    })

    it('deletes a prefix and nothing beside it, as often as asked', async () => {
      for (const key of ['m/v1/b', 'm/v1/c/d', 'm/v10/x']) await store.write(key, chunksOf(key))
      await store.deletePrefix('m/v1')
      await store.deletePrefix('m/v1')
      expect(await keys('m')).toEqual(['m/v10/x'])
    })

    it('answers not-found for what is not there', async () => {
      expect(await store.stat('a/none')).toBeUndefined()
      await expect(store.read('a/none')).rejects.toMatchObject({ code: 'not-found' })
    })

    it('refuses names that lead elsewhere', async () => {
      for (const key of [
        '../x',
        'a/../../x',
        '/etc/passwd',
        'a//b',
        'a/./b',
        'a\\b',
        'a/\u0000b',
        'a/\u202eb',
        '',
        'a/..',
      ]) {
        await expect(store.write(key, chunksOf('x'))).rejects.toMatchObject({ code: 'invalid-input' })
        await expect(store.read(key)).rejects.toMatchObject({ code: 'invalid-input' })
        await expect(store.copy('a/b', key)).rejects.toMatchObject({ code: 'invalid-input' })
        await expect(store.deletePrefix(key)).rejects.toMatchObject({ code: 'invalid-input' })
      }
    })

    it('keeps memory flat for large objects', { timeout: 60_000 }, async () => {
      const chunk = Buffer.alloc(1024 * 1024, 1)
      const before = process.memoryUsage().rss
      const large = async function* () {
        for (let i = 0; i < 256; i++) yield chunk
      }
      await store.write('a/large', large())
      let bytes = 0
      for await (const piece of await store.read('a/large')) bytes += piece.length
      expect(bytes).toBe(256 * 1024 * 1024)
      expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024)
    })
  })
}
