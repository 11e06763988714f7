import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createId, failed, unavailable } from '@bud/kernel'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFolderArtifactStore } from '../adapters/folder-artifact-store.ts'
import type { ArtifactStore, SourceFile, SourcePlace, StreamScanner, StreamWatch } from '../ports.ts'
import { FakePlace, type Trouble } from '../testing/fake-place.ts'
import { fuzzRuns } from '../testing/fuzz-runs.ts'
import { SteppingClock } from '../testing/stepping-clock.ts'
import { importBatch, rereadBatch } from './import-files.ts'

const REF = { project_id: 'project-1', model_id: 'model-1', version_id: 'version-1' }
const CONTENT = Buffer.from(Array.from({ length: 100 }, (_, index) => index))
const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
const keyOf = (path: string) => `models/model-1/version-1/${path}`

let folder: string
let store: ArtifactStore
let clock: SteppingClock
let watcher: RecordingScanner
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bud-import-'))
  store = await openFolderArtifactStore(folder)
  clock = new SteppingClock()
  watcher = new RecordingScanner()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Keeps what passes by, and what became of each watch. */
class RecordingScanner implements StreamScanner {
  readonly name = 'recorder'
  readonly seen = new Map<string, Buffer>()
  readonly ends: string[] = []
  throwsAt = Number.POSITIVE_INFINITY

  async version(): Promise<string> {
    return '1'
  }

  watch(path: string): StreamWatch {
    let bytes = 0
    this.seen.set(path, Buffer.alloc(0))
    return {
      push: async (chunk) => {
        bytes += chunk.length
        if (bytes >= this.throwsAt) throw new Error('the scanner went down')
        this.seen.set(path, Buffer.concat([this.seen.get(path) ?? Buffer.alloc(0), chunk]))
      },
      end: async () => {
        this.ends.push(`end ${path}`)
        return { format: '', bytes_covered: bytes, findings: [] }
      },
      abort: () => void this.ends.push(`abort ${path}`),
    }
  }
}

async function filesOf(place: SourcePlace): Promise<SourceFile[]> {
  return (await place.list()).files
}

const run = async (place: SourcePlace, files?: SourceFile[], onBytes = async (_: number) => {}) =>
  importBatch({ store, streamScanners: [watcher], clock }, REF, place, files ?? (await filesOf(place)), onBytes)

const storedKeys = async () => (await Array.fromAsync(store.list('models'))).map(({ key }) => key)
const halfWritten = () => readdir(join(folder, '.incoming'))

async function expectNothingLeft(place: FakePlace): Promise<void> {
  expect(await storedKeys()).toEqual([])
  expect(await halfWritten()).toEqual([])
  expect(place.streamsOpen).toBe(0)
}

describe('a read that breaks off', () => {
  const cuts: [string, Trouble[]][] = [
    ['before the first byte', [{ cut: 0 }]],
    ['after the first byte', [{ cut: 1 }]],
    ['in the middle', [{ cut: 50 }]],
    ['before the last byte', [{ cut: 99 }]],
    ['after the last byte', [{ cut: 100 }]],
    ['by ending early as if it were all', [{ end: 50 }]],
    ['again and again, with bytes in between', Array.from({ length: 50 }, (_, index) => ({ cut: 2 * index + 1 }))],
    ['with 429 answers before it goes on', [{ cut: 30 }, { reject: unavailable('429: wait') }]],
  ]
  for (const [when, troubles] of cuts) {
    it(`goes on where it was, when cut ${when}`, async () => {
      const place = new FakePlace({ 'a.bin': CONTENT }, { 'a.bin': troubles })
      const counted: number[] = []
      const passed = await run(place, undefined, async (bytes) => void counted.push(bytes))
      expect(passed).toMatchObject([
        {
          path: 'a.bin',
          bytes: 100,
          sha256: digest(CONTENT),
          scanned: [{ scanner: 'recorder', bytes_covered: 100 }],
          findings: [],
        },
      ])
      expect(await buffer(await store.read(keyOf('a.bin')))).toEqual(CONTENT)
      expect(watcher.seen.get('a.bin')).toEqual(CONTENT)
      expect(counted.reduce((sum, bytes) => sum + bytes, 0)).toBe(100)
      expect(place.streamsOpen).toBe(0)
    })
  }

  it('gives the same digest as an uncut read, wherever it is cut', { timeout: 60_000 + 20 * fuzzRuns() }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.array(fc.tuple(fc.nat(400), fc.boolean()), { maxLength: 6 }),
        async (content, points) => {
          const troubles = points.map(([at, clean]): Trouble => (clean && at > 0 ? { end: at } : { cut: at }))
          const sorted = troubles.sort((a, b) => offsetOf(a) - offsetOf(b)).filter(distinctEnds)
          const place = new FakePlace({ 'a.bin': content }, { 'a.bin': sorted })
          const [passed] = await run(place)
          expect(passed).toMatchObject({ bytes: content.length, sha256: digest(content) })
          await store.deletePrefix('models')
        },
      ),
      { numRuns: Math.ceil(fuzzRuns() / 10) },
    )
  })

  it('waits longer each time while no byte comes, then gives up and says where', async () => {
    const troubles = [{ end: 40 }, ...Array.from({ length: 20 }, () => ({ cut: 40 }))]
    const place = new FakePlace({ 'a.bin': CONTENT }, { 'a.bin': troubles })
    await expect(run(place)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'a.bin could not be read beyond byte 40 of 100: read ECONNRESET.',
      reasons: [{ code: 'source-broken-off', path: 'a.bin', next_step: expect.stringMatching(/.+/) }],
    })
    expect(clock.slept).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000])
    expect(watcher.ends).toEqual(['abort a.bin'])
    await expectNothingLeft(place)
  })

  it('does not try again what the source has refused', async () => {
    const place = new FakePlace({ 'a.bin': CONTENT }, { 'a.bin': [{ reject: failed('The licence is not accepted.') }] })
    await expect(run(place)).rejects.toThrow('The licence is not accepted.')
    expect(place.opened).toHaveLength(1)
    await expectNothingLeft(place)
  })
})

const offsetOf = (trouble: Trouble): number =>
  typeof trouble !== 'object' ? 0 : 'cut' in trouble ? trouble.cut : 'end' in trouble ? trouble.end : 0

/** An end without a byte since the one before means that there is no more. */
const distinctEnds = (trouble: Trouble, index: number, all: readonly Trouble[]): boolean =>
  !(typeof trouble === 'object' && 'end' in trouble) || index === 0 || offsetOf(all[index - 1] ?? 'hangs') < trouble.end

describe('a file that is not what was listed', () => {
  const changes: [string, Trouble[], number][] = [
    ['changed between two connections', [{ cut: 50 }, { change: Buffer.alloc(100) }], 100],
    ['is shorter than it was', [], 120],
    ['is longer than it was', [], 80],
    ['is empty now', [{ change: Buffer.alloc(0) }], 100],
  ]
  for (const [what, troubles, listed] of changes) {
    it(`ends the import as source-changed when it ${what}`, async () => {
      const place = new FakePlace({ 'a.bin': CONTENT }, { 'a.bin': troubles })
      await expect(run(place, [{ path: 'a.bin', bytes: listed }])).rejects.toMatchObject({
        code: 'failed',
        reasons: [{ code: 'source-changed' }],
      })
      await expectNothingLeft(place)
    })
  }

  it('is not kept when its sha256 is not the one that the source tells, and both are shown', async () => {
    const place = new FakePlace({ 'a.bin': CONTENT })
    const sha256 = digest(Buffer.from('other'))
    await expect(run(place, [{ path: 'a.bin', bytes: 100, sha256 }])).rejects.toMatchObject({
      code: 'failed',
      reasons: [{ code: 'source-digest-mismatch', path: 'a.bin', evidence: `${sha256} → ${digest(CONTENT)}` }],
    })
    await expectNothingLeft(place)
    expect(await run(place, [{ path: 'a.bin', bytes: 100, sha256: digest(CONTENT) }])).toHaveLength(1)
  })
})

describe('several files at once', () => {
  const MIB = 1024 * 1024
  const FIVE = Object.fromEntries([1, 2, 3, 4, 5].map((index) => [`${index}.bin`, Buffer.alloc(MIB + index, index)]))

  it('begins with the largest, no more than four at a time, and answers in the order of the batch', async () => {
    const place = new FakePlace(FIVE)
    const passed = await run(place)
    expect(passed.map(({ path }) => path)).toEqual(['1.bin', '2.bin', '3.bin', '4.bin', '5.bin'])
    const first = place.opened.slice(0, 4).map(([path]) => path)
    expect(first.toSorted()).toEqual(['2.bin', '3.bin', '4.bin', '5.bin'])
    expect((await storedKeys()).length).toBe(5)
  })

  it('reads more of them at once when they are small', async () => {
    const small = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}.bin`, CONTENT]))
    const place = new FakePlace(small)
    let open = 0
    let most = 0
    const opening = place.open.bind(place)
    place.open = async (path, start) => {
      most = Math.max(most, ++open)
      const content = await opening(path, start)
      content.once('close', () => open--)
      return content
    }
    expect(await run(place)).toHaveLength(20)
    expect(most).toBeGreaterThan(4)
    expect(most).toBeLessThanOrEqual(16)
  })

  it('stops the others when one fails, with that one error and nothing left open', async () => {
    const troubles: Record<string, Trouble[]> = {
      '5.bin': ['hangs'],
      '4.bin': [{ stall: 20 }],
      '3.bin': [{ reject: failed('3.bin is refused.') }],
      '2.bin': [{ cut: 3 }, 'hangs'],
    }
    const place = new FakePlace(FIVE, troubles)
    await expect(run(place)).rejects.toThrow('3.bin is refused.')
    expect(watcher.ends.toSorted()).toEqual(['abort 2.bin', 'abort 3.bin', 'abort 4.bin', 'abort 5.bin'])
    expect(place.opened.map(([path]) => path)).not.toContain('1.bin')
    await expectNothingLeft(place)
  })

  it('tells a full disk once, and stops', async () => {
    const place = new FakePlace(FIVE, { '5.bin': [{ stall: 1 }], '4.bin': ['hangs'] })
    const { write } = store
    let writes = 0
    store.write = async (key, chunks, options) => {
      writes++
      if (!key.endsWith('3.bin')) return write.call(store, key, chunks, options)
      for await (const _ of chunks) break
      throw failed('The disk of the data folder is full.')
    }
    await expect(run(place)).rejects.toThrow('The disk of the data folder is full.')
    expect(writes).toBe(4)
    await expectNothingLeft(place)
  })

  it('closes a source also for a store that fails without taking its chunks to an end', async () => {
    const place = new FakePlace({ 'a.bin': CONTENT })
    store.write = async (_key, chunks) => {
      await chunks[Symbol.asyncIterator]().next()
      throw failed('The bucket is gone.')
    }
    await expect(run(place)).rejects.toThrow('The bucket is gone.')
    await expectNothingLeft(place)
  })
})

describe('a scanner that fails', () => {
  for (const [when, throwsAt] of [
    ['at once', 0],
    ['in the middle', 50],
  ] as const) {
    it(`does not stop the import, but has covered nothing, when it throws ${when}`, async () => {
      watcher.throwsAt = throwsAt
      const sound = new RecordingScanner()
      const place = new FakePlace({ 'a.bin': CONTENT }, { 'a.bin': [{ cut: 60 }] })
      const [passed] = await importBatch(
        { store, streamScanners: [sound, watcher], clock },
        REF,
        place,
        await filesOf(place),
        async () => {},
      )
      expect(passed).toMatchObject({
        sha256: digest(CONTENT),
        scanned: expect.arrayContaining([{ scanner: 'recorder', bytes_covered: 0 }]),
        findings: [{ rule: 'scanner-failed', severity: 'warn', path: 'a.bin', scanner: 'recorder' }],
      })
      expect(sound.seen.get('a.bin')).toEqual(CONTENT)
      expect(watcher.ends).toEqual(['abort a.bin'])
    })
  }

  it('lets the import go on when it cannot even begin', async () => {
    const broken: StreamScanner = {
      name: 'broken',
      version: async () => '1',
      watch() {
        throw new Error('no socket')
      },
    }
    const place = new FakePlace({ 'a.bin': CONTENT })
    const context = { store, streamScanners: [broken], clock }
    const [passed] = await importBatch(context, REF, place, await filesOf(place), async () => {})
    expect(passed).toMatchObject({
      scanned: [{ scanner: 'broken', bytes_covered: 0 }],
      findings: [{ message: expect.stringContaining('no socket') }],
    })
  })
})

describe('an import that was interrupted', () => {
  it('reads what it had stored completely from the store, and digests that', async () => {
    await store.write(keyOf('a.bin'), Readable.from([Buffer.alloc(100, 9)]))
    const place = new FakePlace({ 'a.bin': CONTENT, 'b.bin': CONTENT })
    const passed = await run(place)
    expect(passed.map(({ sha256 }) => sha256)).toEqual([digest(Buffer.alloc(100, 9)), digest(CONTENT)])
    expect(place.opened).toEqual([['b.bin', 0]])
    expect(watcher.seen.get('a.bin')).toEqual(Buffer.alloc(100, 9))
  })

  it('does not take a stored file of another size for the one that is listed', async () => {
    await store.write(keyOf('a.bin'), Readable.from([Buffer.alloc(5)]))
    await expect(run(new FakePlace({ 'a.bin': CONTENT }))).rejects.toMatchObject({
      reasons: [{ code: 'source-changed' }],
    })
  })
})

describe('an upload', () => {
  it('is copied inside the store, then read once for digest and scanners', async () => {
    const id = createId('upload', Date.UTC(2026, 0, 1))
    await store.write(`uploads/${id}/sub/a.bin`, Readable.from([CONTENT]))
    const copies: string[] = []
    store.copy = async (from, to) => {
      copies.push(from)
      return store.write(to, await store.read(from))
    }
    const place: SourcePlace = {
      pinned: `upload://${id}`,
      list: async () => ({ files: [{ path: 'sub/a.bin', bytes: 100 }], refused: [] }),
      open: () => Promise.reject(new Error('read through this process')),
    }
    const passed = await run(place)
    expect(passed).toMatchObject([
      {
        path: 'sub/a.bin',
        bytes: 100,
        sha256: digest(CONTENT),
        scanned: [{ scanner: 'recorder', bytes_covered: 100 }],
        findings: [],
      },
    ])
    expect(copies).toEqual([`uploads/${id}/sub/a.bin`])
    expect(watcher.seen.get('sub/a.bin')).toEqual(CONTENT)
    expect(await run(place)).toEqual(passed)
    expect(copies).toHaveLength(1)
  })
})

describe('a stored file that is read again', () => {
  it('is digested as it is now, whatever the manifest says', async () => {
    await store.write(keyOf('a.bin'), Readable.from([CONTENT]))
    const context = { store, streamScanners: [watcher], clock }
    const passed = await rereadBatch(context, REF, [{ path: 'a.bin', bytes: 7 }], async () => {})
    expect(passed).toMatchObject([
      { path: 'a.bin', bytes: 100, sha256: digest(CONTENT), scanned: [{ scanner: 'recorder', bytes_covered: 100 }] },
    ])
  })

  it('goes on where it was when the store breaks off', async () => {
    await store.write(keyOf('a.bin'), Readable.from([CONTENT]))
    const whole = store.read.bind(store)
    const place = new FakePlace({ [keyOf('a.bin')]: CONTENT }, { [keyOf('a.bin')]: [{ cut: 30 }] })
    store.read = (key, range) => (range ? whole(key, range) : place.open(key))
    const context = { store, streamScanners: [watcher], clock }
    const passed = await rereadBatch(context, REF, [{ path: 'a.bin', bytes: 100 }], async () => {})
    expect(passed).toMatchObject([{ sha256: digest(CONTENT) }])
  })

  it('is not found when it is gone', async () => {
    const context = { store, streamScanners: [], clock }
    await expect(rereadBatch(context, REF, [{ path: 'a.bin', bytes: 100 }], async () => {})).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('memory', () => {
  it('stays flat for a file of 1 GiB', { timeout: 60_000 }, async () => {
    const chunk = Buffer.alloc(1024 * 1024, 7)
    const place: SourcePlace = {
      pinned: 'fake://large',
      list: async () => ({ files: [{ path: 'large.bin', bytes: 1024 ** 3 }], refused: [] }),
      open: async (_path, start = 0) =>
        Readable.from(
          (function* () {
            // Broken off once in the middle.
            for (let at = start; at < 1024 ** 3; at += chunk.length) {
              if (start === 0 && at === 512 * chunk.length) throw new Error('connection lost')
              yield chunk
            }
          })(),
          { objectMode: false },
        ),
    }
    store.write = async (_key, chunks) => {
      let bytes = 0
      for await (const piece of chunks) bytes += piece.length
      return { bytes, etag: 'e' }
    }
    let largest = 0
    const before = process.memoryUsage().rss
    const onBytes = async () => {
      largest = Math.max(largest, process.memoryUsage().rss)
    }
    const context = { store, streamScanners: [], clock }
    const [passed] = await importBatch(context, REF, place, await filesOf(place), onBytes)
    expect(passed?.bytes).toBe(1024 ** 3)
    expect(largest - before).toBeLessThan(96 * 1024 * 1024)
  })
})
