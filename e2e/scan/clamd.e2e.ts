/** Debian's clamd through the product's scanner: what it catches, and that what it did not look at is never clean. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createClamdScanner } from '../../packages/budmodel/src/adapters/clamd-scanner.ts'
import type { FileScan } from '../../packages/budmodel/src/domain/scan/scan-report.ts'
import { eicarTestString } from '../../packages/budmodel/src/domain/scan/signature-search.ts'
import type { StreamScanner } from '../../packages/budmodel/src/ports.ts'
import { zipOf } from '../../packages/budmodel/src/testing/zip-writer.ts'
import { type ClamdOptions, type RunningClamd, startClamd } from '../parts/clamd.ts'

const MIB = 2 ** 20
const WINDOW = 64 * MIB
const MARKER = 'bud-made-up-marker-5f1c'
const START_LIMIT_MS = 3000

let clamd: RunningClamd
beforeAll(async () => {
  clamd = await startClamd({ signatures: { 'Bud.Test.Marker': MARKER } })
})
afterAll(() => clamd.stop())

async function startOwn(options: ClamdOptions): Promise<RunningClamd> {
  const own = await startClamd(options)
  onTestFinished(() => own.stop())
  return own
}

/** `bytes` that no signature knows and no archive begins with, with text at some places, from one buffer again and again. */
function* contentOf(bytes: number, at: Record<number, string> = {}): Generator<Uint8Array> {
  const pattern = Buffer.alloc(MIB)
  for (let i = 0; i < pattern.length; i += 4) pattern.writeUInt32LE(Math.imul(i + 1, 2654435761) >>> 0, i)
  const chunk = Buffer.alloc(MIB)
  for (let start = 0; start < bytes; start += MIB) {
    const part = chunk.subarray(0, Math.min(MIB, bytes - start))
    pattern.copy(part)
    for (const [place, text] of Object.entries(at)) {
      const from = Number(place) - start
      for (let i = Math.max(0, -from); i < text.length && from + i < part.length; i++)
        part[from + i] = text.charCodeAt(i)
    }
    yield part
  }
}

async function scan(scanner: StreamScanner, content: Iterable<Uint8Array>, bytes = 0): Promise<FileScan> {
  const watch = scanner.watch('model.bin', bytes)
  for (const chunk of content) await watch.push(chunk)
  return watch.end()
}

const isIncomplete = ({ bytes_covered, findings }: FileScan, bytes: number) =>
  bytes_covered < bytes && !findings.some(({ severity }) => severity === 'block')

const signature = (name: string) => [
  { severity: 'block', rule: 'clamd-signature', evidence: expect.stringContaining(name) },
]

test('clamd is ready soon', () => {
  console.log(`clamd ready in ${clamd.startedInMs.toFixed(0)} ms`)
  expect(clamd.startedInMs).toBeLessThan(START_LIMIT_MS)
})

describe.each(['unix', 'tcp'] as const)('over %s', (kind) => {
  const scanner = () => createClamdScanner({ address: clamd[kind] })
  const eicar = Buffer.from(eicarTestString)

  test('tells program and signatures', async () => {
    expect(await scanner().version()).toMatch(/^ClamAV \d+\.\d+\.\d+\/1\/.*2026$/)
  })

  test('finds EICAR whole, in a zip and in a zip in a zip', async () => {
    const zip = zipOf([
      { name: 'a.txt', content: Buffer.from('a') },
      { name: 'eicar.com', content: eicar, deflate: true },
    ])
    const nested = zipOf([{ name: 'inner.zip', content: zip, deflate: true }])
    for (const content of [eicar, zip, nested]) {
      const found = await scan(scanner(), [content], content.length)
      expect(found).toMatchObject({ bytes_covered: content.length, findings: signature('Bud.Test.Eicar') })
    }
  })

  test('finds nothing in a file that is clean, empty, or exactly one window', async () => {
    for (const bytes of [0, 1, 5 * MIB, WINDOW, WINDOW + 1]) {
      expect(await scan(scanner(), contentOf(bytes), bytes)).toEqual({ format: '', bytes_covered: bytes, findings: [] })
    }
  })
})

describe('large files', () => {
  const scanner = () => createClamdScanner({ address: clamd.unix })

  test('what lies across the border of two windows is found', async () => {
    const bytes = 100 * MIB
    for (const at of [WINDOW - MARKER.length, WINDOW - 7, WINDOW - 1, WINDOW, WINDOW - MIB - 7]) {
      const found = await scan(scanner(), contentOf(bytes, { [at]: MARKER }), bytes)
      expect(found).toMatchObject({ bytes_covered: bytes, findings: signature('Bud.Test.Marker') })
    }
  })

  test('EICAR at the end of 300 MB is found, with flat memory', async () => {
    const bytes = 300_000_000
    await scan(scanner(), contentOf(WINDOW), WINDOW)
    const before = process.memoryUsage().rss
    let most = before
    const watched = function* () {
      for (const chunk of contentOf(bytes, { [bytes - eicarTestString.length]: eicarTestString })) {
        yield chunk
        most = Math.max(most, process.memoryUsage().rss)
      }
    }
    const found = await scan(scanner(), watched(), bytes)
    console.log(`300 MB: memory grew by ${((most - before) / MIB).toFixed(1)} MiB`)
    expect(found).toMatchObject({ bytes_covered: bytes, findings: signature('Bud.Test.Eicar') })
    expect(found.findings[0]?.evidence).toMatch(/bytes 264241152 to 300000000$/)
    expect(most - before).toBeLessThan(WINDOW / 2)
  })

  test.each(['unix', 'tcp'] as const)('throughput over %s', async (kind) => {
    const bytes = 512 * MIB
    const startedMs = performance.now()
    const found = await scan(createClamdScanner({ address: clamd[kind] }), contentOf(bytes), bytes)
    const seconds = (performance.now() - startedMs) / 1000
    console.log(`clamd over ${kind}: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s`)
    expect(found).toEqual({ format: '', bytes_covered: bytes, findings: [] })
  })

  test('many files at once share the connections', async () => {
    const shared = createClamdScanner({ address: clamd.unix, maxConnections: 2, windowBytes: 4 * MIB })
    const found = await Promise.all(
      Array.from({ length: 12 }, (_, i) => scan(shared, contentOf(9 * MIB, i === 7 ? { [5 * MIB]: MARKER } : {}))),
    )
    expect(found.map(({ bytes_covered }) => bytes_covered)).toEqual(Array(12).fill(9 * MIB))
    expect(found.flatMap(({ findings }, i) => findings.map(() => i))).toEqual([7])
  })
})

describe('what clamd did not look at is incomplete, never clean', () => {
  const bytes = 20 * MIB
  const settings: [string, Record<string, string | number>, RegExp][] = [
    ['StreamMaxLength below the window', { StreamMaxLength: '8M' }, /StreamMaxLength|cut the connection/],
    ['MaxFileSize below the window', { MaxFileSize: '8M' }, /Limits\.Exceeded\.MaxFileSize/],
    ['MaxScanSize below the window', { MaxScanSize: '8M' }, /Limits\.Exceeded\.MaxScanSize/],
    ['MaxScanTime too short', { MaxScanTime: 1 }, /Limits\.Exceeded\.MaxScanTime/],
    ['silence about limits', { AlertExceedsMax: 'no' }, /AlertExceedsMax yes/],
    [
      'silence about limits and a small MaxFileSize',
      { AlertExceedsMax: 'no', MaxFileSize: '8M' },
      /AlertExceedsMax yes/,
    ],
  ]
  test.each(settings)('%s', async (_, lines, reason) => {
    const own = await startOwn({ settings: lines })
    for (const address of [own.unix, own.tcp]) {
      const found = await scan(
        createClamdScanner({ address }),
        contentOf(bytes, { [bytes - 100]: eicarTestString }),
        bytes,
      )
      expect(found.bytes_covered).toBe(0)
      expect(found.findings).toMatchObject([{ severity: 'warn', message: expect.stringMatching(reason) }])
      expect(isIncomplete(found, bytes)).toBe(true)
    }
  })

  test('windows that fit do get round the limits', async () => {
    const own = await startOwn({ settings: { StreamMaxLength: '8M', MaxFileSize: '8M' } })
    const scanner = createClamdScanner({ address: own.unix, windowBytes: 8 * MIB })
    const found = await scan(scanner, contentOf(bytes, { [bytes - 100]: eicarTestString }), bytes)
    expect(found).toMatchObject({ bytes_covered: bytes, findings: signature('Bud.Test.Eicar') })
  })

  test.each(['unix', 'tcp'] as const)('killed in the middle, over %s; started again it counts', async (kind) => {
    const first = await startOwn({ databaseVersion: 7 })
    const scanner = createClamdScanner({ address: first[kind], windowBytes: 8 * MIB })
    const before = await scanner.version()
    const watch = scanner.watch('model.bin', 40 * MIB)
    let sent = 0
    for (const chunk of contentOf(40 * MIB)) {
      await watch.push(chunk)
      sent += chunk.length
      if (sent === 20 * MIB) await first.kill()
    }
    const cut = await watch.end()
    expect(cut.bytes_covered).toBeLessThanOrEqual(16 * MIB)
    expect(cut.findings).toMatchObject([{ severity: 'warn', rule: 'clamd-unavailable' }])
    expect(isIncomplete(cut, 40 * MIB)).toBe(true)
    await expect(scanner.version()).rejects.toMatchObject({ code: 'unavailable' })

    await startOwn({ at: first, databaseVersion: 8, signatures: { 'Bud.Test.Newer': 'known from version 8' } })
    expect([before, await scanner.version()]).toMatchObject([/\/7\//, /\/8\//].map((v) => expect.stringMatching(v)))
    const again = await scan(scanner, contentOf(40 * MIB, { [30 * MIB]: 'known from version 8' }), 40 * MIB)
    expect(again).toMatchObject({ bytes_covered: 40 * MIB, findings: signature('Bud.Test.Newer') })
  })

  test('nothing there at all', async () => {
    const scanner = createClamdScanner({ address: { path: '/nowhere/clamd.ctl' } })
    const found = await scan(scanner, contentOf(bytes), bytes)
    expect(isIncomplete(found, bytes)).toBe(true)
    await expect(scanner.version()).rejects.toThrow(/unix:\/nowhere\/clamd\.ctl.*Start clamd/)
  })
})
