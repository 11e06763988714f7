import type { UploadFile } from '@bud/contract'
import { expect, test } from 'vitest'
import type { PlannedFile } from '../prepare/upload.ts'
import { type FolderUpload, type UploadServer, uploadFolder } from './upload-folder.ts'

const PART = 10
const MOST_PARTS = 3

/** Keeps what arrives; `answer` decides what becomes of each part that is sent. */
class PartServer implements UploadServer {
  readonly arrived = new Map<string, Map<number, string>>()
  readonly sizes = new Map<string, number>()
  readonly completed: string[] = []
  puts = 0
  atOnce = 0
  mostAtOnce = 0
  readonly waits: number[] = []
  answer: (url: string, put: number) => number = () => 200
  presigned = false

  beginFile = async ({ path, bytes }: { path: string; bytes: number }): Promise<UploadFile> => {
    this.sizes.set(path, bytes)
    if (!this.arrived.has(path)) this.arrived.set(path, new Map())
    return this.#stateOf(path)
  }
  completeFile = async ({ path }: { path: string }): Promise<UploadFile> => {
    this.completed.push(path)
    return this.#stateOf(path)
  }
  putPart: UploadServer['putPart'] = async (url, bytes, { signal, onProgress }) => {
    this.puts += 1
    this.atOnce += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    const status = this.answer(url, this.puts)
    await new Promise((resolve) => setImmediate(resolve))
    this.atOnce -= 1
    signal.throwIfAborted()
    if (status === 200) {
      const [path = '', number] = url.split('#')
      this.arrived.get(path)?.set(Number(number), await bytes.text())
      onProgress(bytes.size)
    }
    return { status, message: `status ${status}`, presigned: this.presigned }
  }
  pause = async (ms: number) => {
    this.waits.push(ms)
  }

  contentOf(path: string): string {
    const parts = [...(this.arrived.get(path) ?? [])].toSorted(([a], [b]) => a - b)
    return parts.map(([, text]) => text).join('')
  }

  #stateOf(path: string): UploadFile {
    const bytes = this.sizes.get(path) ?? 0
    const here = this.arrived.get(path) ?? new Map<number, string>()
    const numbers = Array.from({ length: Math.ceil(bytes / PART) }, (_, index) => index + 1)
    return {
      path,
      bytes,
      complete: this.completed.includes(path),
      bytes_arrived: [...here.values()].reduce((sum, text) => sum + text.length, 0),
      part_bytes: PART,
      missing: numbers
        .filter((number) => !here.has(number))
        .slice(0, MOST_PARTS)
        .map((number) => ({
          number,
          offset: (number - 1) * PART,
          bytes: Math.min(PART, bytes - (number - 1) * PART),
          url: `${path}#${number}`,
        })),
    }
  }
}

const text = (length: number) => Array.from({ length }, (_, index) => String.fromCharCode(97 + (index % 26))).join('')
const planned = (path: string, length: number): PlannedFile => ({ path, file: new File([text(length)], path) })
const folder = (...files: PlannedFile[]): FolderUpload => ({ id: 'upload-1', files, done: new Set() })
const quietly = () => ({ onBytes: () => undefined, signal: new AbortController().signal })

test('every byte arrives in its place, an empty file too, and each file is completed', async () => {
  const server = new PartServer()
  const told: number[] = []
  await uploadFolder(server, folder(planned('weights', 95), planned('config', 7), planned('empty', 0)), {
    ...quietly(),
    onBytes: (bytes) => told.push(bytes),
  })
  expect(server.contentOf('weights')).toBe(text(95))
  expect(server.completed.toSorted()).toEqual(['config', 'empty', 'weights'])
  expect(told.at(-1)).toBe(102)
})

test('no more than four parts are under way, however many files there are', async () => {
  const server = new PartServer()
  await uploadFolder(server, folder(...Array.from({ length: 9 }, (_, index) => planned(`f${index}`, 60))), quietly())
  expect(server.mostAtOnce).toBeGreaterThan(1)
  expect(server.mostAtOnce).toBeLessThanOrEqual(4)
})

test('a part that the network fails is sent again, after longer and longer waits', async () => {
  const server = new PartServer()
  server.answer = (_, put) => (put <= 3 ? 0 : 200)
  await uploadFolder(server, folder(planned('weights', 10)), quietly())
  expect(server.waits).toEqual([500, 1000, 2000])
  expect(server.contentOf('weights')).toBe(text(10))
})

test('after an error, going on sends only what is missing', async () => {
  const server = new PartServer()
  const upload = folder(planned('config', 5), planned('weights', 60))
  server.answer = (url) => (url === 'weights#5' ? 400 : 200)
  await expect(uploadFolder(server, upload, quietly())).rejects.toThrow('Sending weights failed: status 400.')
  const before = server.puts
  const missing = 6 - (server.arrived.get('weights')?.size ?? 0)
  server.answer = () => 200
  await uploadFolder(server, upload, quietly())
  expect(server.puts - before).toBe(missing)
  expect(server.contentOf('weights')).toBe(text(60))
})

test('a stop ends it with the reason of the stop, and what has arrived stays', async () => {
  const server = new PartServer()
  const controller = new AbortController()
  const paused = new Error('paused')
  server.answer = (_, put) => {
    if (put === 4) controller.abort(paused)
    return 200
  }
  const upload = folder(planned('weights', 200))
  await expect(uploadFolder(server, upload, { ...quietly(), signal: controller.signal })).rejects.toBe(paused)
  expect(server.contentOf('weights').length).toBeGreaterThanOrEqual(30)
  await uploadFolder(server, upload, quietly())
  expect(server.contentOf('weights')).toBe(text(200))
})

test('an address of the store that has run out is asked for anew', async () => {
  const server = new PartServer()
  server.presigned = true
  server.answer = (_, put) => (put === 2 ? 403 : 200)
  await uploadFolder(server, folder(planned('weights', 30)), quietly())
  expect(server.contentOf('weights')).toBe(text(30))
})

test('a server that never counts what it was sent is given up on', async () => {
  const server = new PartServer()
  server.presigned = true
  server.answer = () => 403
  await expect(uploadFolder(server, folder(planned('weights', 30)), quietly())).rejects.toThrow('Nothing of weights')
})
