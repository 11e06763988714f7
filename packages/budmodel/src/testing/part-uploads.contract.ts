/** What every store keeps to that takes files in parts. */
import { createHash, randomBytes } from 'node:crypto'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtifactStore, PartUploads } from '../ports.ts'

export interface PartUploadsFixture {
  store: ArtifactStore & PartUploads
  /** The same place, opened by another process. */
  reopen(): Promise<ArtifactStore & PartUploads>
  /** The smallest size of a part that is not the last. */
  partBytes: number
  /** Whether clients send parts to URLs. */
  urls: boolean
  remove(): Promise<void>
}

const KEY = 'uploads/u/model.safetensors'

export function testPartUploads(name: string, create: () => Promise<PartUploadsFixture>): void {
  describe(`${name}: parts`, { timeout: 60_000 }, () => {
    let fixture: PartUploadsFixture
    let store: ArtifactStore & PartUploads
    beforeEach(async () => {
      fixture = await create()
      store = fixture.store
    })
    afterEach(() => fixture.remove())

    const partsOf = (count: number, lastBytes = 11) =>
      Array.from({ length: count }, (_, i) => randomBytes(i === count - 1 ? lastBytes : fixture.partBytes))
    const send = (upload: string, number: number, content: Uint8Array, to: PartUploads = store) =>
      to.writePart(KEY, upload, { number, bytes: content.length }, inPieces(content))
    const stored = async (key = KEY) => digest(await buffer(await store.read(key)))

    it('puts parts together in their order, however they arrived', async () => {
      const parts = partsOf(4)
      const { upload } = await store.begin(KEY)
      for (const number of [3, 1, 4, 2]) await send(upload, number, parts[number - 1] ?? Buffer.alloc(0))
      expect(await store.parts(KEY, upload)).toEqual(parts.map(({ length }, i) => ({ number: i + 1, bytes: length })))
      expect(await store.stat(KEY)).toBeUndefined()
      const whole = Buffer.concat(parts)
      expect(await store.complete(KEY, upload, 4)).toEqual({ bytes: whole.length })
      expect(await stored()).toBe(digest(whole))
    })

    it('puts parts together when the last one came first', async () => {
      const parts = partsOf(3)
      const { upload } = await store.begin(KEY)
      for (const number of [3, 2, 1]) await send(upload, number, parts[number - 1] ?? Buffer.alloc(0))
      await store.complete(KEY, upload, 3)
      expect(await stored()).toBe(digest(Buffer.concat(parts)))
    })

    it('takes parts at the same time', async () => {
      const parts = partsOf(5)
      const { upload } = await store.begin(KEY)
      await Promise.all(parts.map((part, i) => send(upload, i + 1, part)))
      await store.complete(KEY, upload, 5)
      expect(await stored()).toBe(digest(Buffer.concat(parts)))
    })

    it('takes the later one of a part that is sent twice, of another size too', async () => {
      const [first = Buffer.alloc(0), last = Buffer.alloc(0)] = partsOf(2)
      const { upload } = await store.begin(KEY)
      await send(upload, 1, randomBytes(first.length))
      await send(upload, 2, randomBytes(3))
      await send(upload, 1, first)
      await send(upload, 2, last)
      expect(await store.parts(KEY, upload)).toEqual([
        { number: 1, bytes: first.length },
        { number: 2, bytes: last.length },
      ])
      await store.complete(KEY, upload, 2)
      expect(await stored()).toBe(digest(Buffer.concat([first, last])))
    })

    it('joins parts of different sizes', async () => {
      const parts = [1, 3, 2, 1].map((times, i) => randomBytes(fixture.partBytes * times + i))
      const { upload } = await store.begin(KEY)
      for (const [i, part] of parts.entries()) await send(upload, i + 1, part)
      await store.complete(KEY, upload, parts.length)
      expect(await stored()).toBe(digest(Buffer.concat(parts)))
    })

    it('does not complete while a part is missing, and says which', async () => {
      const parts = partsOf(3)
      const { upload } = await store.begin(KEY)
      for (const number of [1, 3]) await send(upload, number, parts[number - 1] ?? Buffer.alloc(0))
      await expect(store.complete(KEY, upload, 3)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(/missing 2\b/),
      })
      expect(await store.stat(KEY)).toBeUndefined()
      await send(upload, 2, parts[1] ?? Buffer.alloc(0))
      await store.complete(KEY, upload, 3)
      expect(await stored()).toBe(digest(Buffer.concat(parts)))
    })

    it('goes on where it was after the store was opened anew', async () => {
      const parts = partsOf(3)
      const { upload } = await store.begin(KEY)
      await send(upload, 2, parts[1] ?? Buffer.alloc(0))
      const reopened = await fixture.reopen()
      expect(await reopened.parts(KEY, upload)).toEqual([{ number: 2, bytes: fixture.partBytes }])
      await send(upload, 3, parts[2] ?? Buffer.alloc(0), reopened)
      await send(upload, 1, parts[0] ?? Buffer.alloc(0), reopened)
      await reopened.complete(KEY, upload, 3)
      expect(await stored()).toBe(digest(Buffer.concat(parts)))
    })

    it('does not count a part that broke off or has another size than announced', async () => {
      const { upload } = await store.begin(KEY)
      const content = randomBytes(fixture.partBytes)
      const breaksOff = async function* () {
        yield content.subarray(0, 100)
        throw new Error('connection lost')
      }
      const announced = (bytes: number, chunks: AsyncIterable<Uint8Array>) =>
        store.writePart(KEY, upload, { number: 1, bytes }, chunks)
      await expect(announced(content.length, breaksOff())).rejects.toThrow('connection lost')
      await expect(announced(content.length + 1, inPieces(content))).rejects.toMatchObject({ code: 'invalid-input' })
      await expect(announced(content.length - 1, inPieces(content))).rejects.toMatchObject({ code: 'invalid-input' })
      expect(await store.parts(KEY, upload)).toEqual([])
      await send(upload, 1, content)
      await expect(announced(content.length, breaksOff())).rejects.toThrow('connection lost')
      await store.complete(KEY, upload, 1)
      expect(await stored()).toBe(digest(content))
    })

    it('takes part numbers from 1 to 10,000 and leaves parts beyond the count out', async () => {
      const { upload } = await store.begin(KEY)
      const part = randomBytes(20)
      for (const number of [0, -1, 1.5, 10_001, 2 ** 53]) {
        await expect(send(upload, number, part)).rejects.toMatchObject({ code: 'invalid-input' })
        await expect(store.partUrl(KEY, upload, number)).rejects.toMatchObject({ code: 'invalid-input' })
      }
      await send(upload, 10_000, randomBytes(20))
      await send(upload, 1, part)
      await expect(store.complete(KEY, upload, 10_000)).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.complete(KEY, upload, 1)).toEqual({ bytes: 20 })
      expect(await stored()).toBe(digest(part))
    })

    it('makes an empty file of no parts', async () => {
      const { upload } = await store.begin(KEY)
      expect(await store.complete(KEY, upload, 0)).toEqual({ bytes: 0 })
      expect(await store.stat(KEY)).toMatchObject({ bytes: 0 })
      await expect(store.parts(KEY, upload)).rejects.toMatchObject({ code: 'not-found' })
    })

    it('replaces an older object only when it completes', async () => {
      await store.write(KEY, inPieces(Buffer.from('older')))
      const { upload } = await store.begin(KEY)
      await send(upload, 1, Buffer.from('newer'))
      expect(await text(await store.read(KEY))).toBe('older')
      await store.complete(KEY, upload, 1)
      expect(await text(await store.read(KEY))).toBe('newer')
    })

    it('keeps two uploads of one key apart', async () => {
      const [one, two] = [await store.begin(KEY), await store.begin(KEY)]
      await send(one.upload, 1, Buffer.from('one'))
      await send(two.upload, 1, Buffer.from('two'))
      await store.complete(KEY, one.upload, 1)
      expect(await text(await store.read(KEY))).toBe('one')
      await store.complete(KEY, two.upload, 1)
      expect(await text(await store.read(KEY))).toBe('two')
    })

    it('answers not-found for uploads that were never begun, have ended or belong to another key', async () => {
      const ended = await store.begin(KEY)
      await send(ended.upload, 1, Buffer.from('x'))
      await store.complete(KEY, ended.upload, 1)
      const aborted = await store.begin(KEY)
      await store.abort(KEY, aborted.upload)
      const open = await store.begin('uploads/u/other')
      for (const upload of [ended.upload, aborted.upload, 'never-begun', '../../x', open.upload]) {
        const notFound = { code: 'not-found' }
        await expect(store.parts(KEY, upload)).rejects.toMatchObject(notFound)
        await expect(store.partUrl(KEY, upload, 1)).rejects.toMatchObject(notFound)
        await expect(send(upload, 1, Buffer.from('x'))).rejects.toMatchObject(notFound)
        await expect(store.complete(KEY, upload, 1)).rejects.toMatchObject(notFound)
      }
    })

    it('aborts as often as asked, and nothing is left', async () => {
      const { upload } = await store.begin(KEY)
      await send(upload, 1, randomBytes(50))
      await store.abort(KEY, upload)
      await store.abort(KEY, upload)
      await store.abort(KEY, 'never-begun')
      await expect(store.parts(KEY, upload)).rejects.toMatchObject({ code: 'not-found' })
      expect(await Array.fromAsync(store.list('uploads'))).toEqual([])
    })

    it('ends uploads with the prefix that they belong to, and no others', async () => {
      const below = await store.begin(KEY)
      await send(below.upload, 1, randomBytes(50))
      const beside = await store.begin('uploads/u2/file')
      await store.deletePrefix('uploads/u')
      await expect(store.parts(KEY, below.upload)).rejects.toMatchObject({ code: 'not-found' })
      expect(await store.parts('uploads/u2/file', beside.upload)).toEqual([])
    })

    it('hands out URLs that take a part, or none at all', async () => {
      const { upload } = await store.begin(KEY)
      const url = await store.partUrl(KEY, upload, 1)
      expect(url !== undefined).toBe(fixture.urls)
      if (url === undefined) return
      const answer = await fetch(url, { method: 'PUT', body: 'by url' })
      expect(answer.status).toBe(200)
      expect(await store.parts(KEY, upload)).toEqual([{ number: 1, bytes: 6 }])
      await store.complete(KEY, upload, 1)
      expect(await text(await store.read(KEY))).toBe('by url')
    })

    it('refuses names that lead elsewhere', async () => {
      for (const key of ['../x', '/etc/passwd', 'a//b', '']) {
        await expect(store.begin(key)).rejects.toMatchObject({ code: 'invalid-input' })
      }
    })
  })
}

const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

async function* inPieces(content: Uint8Array): AsyncIterable<Uint8Array> {
  const size = Math.max(1, Math.ceil(content.length / 3))
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}
