import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { FileScan } from '../domain/scan/scan-report.ts'
import { eicarTestString } from '../domain/scan/signature-search.ts'
import type { StreamScanner } from '../ports.ts'
import { FakeClamd, type FakeClamdOptions } from '../testing/fake-clamd.ts'
import { testStreamScanner } from '../testing/scanner.contract.ts'
import { type ClamdScannerOptions, createClamdScanner } from './clamd-scanner.ts'

const MARKER = 'a made-up marker'
const folder = mkdtempSync(join(tmpdir(), 'bud-clamd-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function started(fake: FakeClamdOptions = {}, options: Partial<ClamdScannerOptions> = {}) {
  const clamd = new FakeClamd({ signatures: { Eicar: eicarTestString, 'Made.Up': MARKER }, ...fake })
  const address = await clamd.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => clamd.stop())
  const scanner = createClamdScanner({ address, windowBytes: 100, overlapBytes: 20, timeoutMs: 20_000, ...options })
  return { clamd, scanner, address }
}

async function scan(scanner: StreamScanner, content: Uint8Array, chunkBytes = 30): Promise<FileScan> {
  const watch = scanner.watch('weights.bin', content.length)
  for (let at = 0; at < content.length; at += chunkBytes) await watch.push(content.subarray(at, at + chunkBytes))
  return watch.end()
}

const zeros = (bytes: number) => Buffer.alloc(bytes)
const notCovered = (rule: string, reason: RegExp) => ({
  bytes_covered: 0,
  findings: [{ severity: 'warn', rule, message: expect.stringMatching(reason) }],
})

describe('over a unix socket', () => {
  const path = join(folder, 'contract.ctl')
  const clamd = new FakeClamd()
  beforeAll(() => clamd.listen({ path }))
  afterAll(() => clamd.stop())
  testStreamScanner(createClamdScanner({ address: { path } }), {
    path: 'notes.txt',
    content: Buffer.from(`xyz${eicarTestString}`),
  })
})

describe('windows', () => {
  it('sends every byte once, and the end of each window again at the start of the next', async () => {
    const { clamd, scanner } = await started()
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 1, max: 250 }),
        async (bytes, chunkBytes) => {
          clamd.streams.length = 0
          const content = Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 7919) >> 4))
          expect(await scan(scanner, content, chunkBytes)).toEqual({ format: '', bytes_covered: bytes, findings: [] })
          const windows = bytes === 0 ? 0 : bytes <= 100 ? 1 : 1 + Math.ceil((bytes - 100) / 80)
          const expected = Array.from({ length: windows }, (_, k) => content.subarray(k * 80, k * 80 + 100))
          expect(clamd.streams.map((stream) => stream.toString('hex'))).toEqual(
            expected.map((window) => window.toString('hex')),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('finds what is no longer than the overlap wherever it lies', async () => {
    const { scanner } = await started()
    for (let at = 0; at <= 300 - MARKER.length; at++) {
      const content = zeros(300)
      content.write(MARKER, at)
      const { bytes_covered, findings } = await scan(scanner, content)
      expect(bytes_covered).toBe(300)
      expect(findings, String(at)).toMatchObject([{ severity: 'block', rule: 'clamd-signature' }])
    }
  })

  it('says which signature in which bytes; the exact place is not known', async () => {
    const { scanner } = await started()
    const content = zeros(250)
    content.write(MARKER, 162)
    expect(await scan(scanner, content)).toEqual({
      format: '',
      bytes_covered: 250,
      findings: [
        {
          severity: 'block',
          rule: 'clamd-signature',
          message: 'ClamAV finds Made.Up in weights.bin (2 windows in bytes 80 to 250).',
          offset: null,
          evidence: 'Made.Up in 2 windows in bytes 80 to 250',
        },
      ],
    })
  })

  it('asks nobody about an empty file', async () => {
    const { clamd, scanner } = await started()
    await clamd.stop()
    expect(await scan(scanner, zeros(0))).toEqual({ format: '', bytes_covered: 0, findings: [] })
  })

  it('needs no clamd that takes more than a window', async () => {
    const { scanner } = await started({ streamMaxLength: 100 })
    expect(await scan(scanner, zeros(1000))).toMatchObject({ bytes_covered: 1000, findings: [] })
  })
})

describe('what clamd did not look at is not covered', () => {
  it('a window longer than StreamMaxLength', async () => {
    const { scanner } = await started({ streamMaxLength: 99 })
    const { bytes_covered, findings } = await scan(scanner, zeros(300), 1)
    // The last window is short enough.
    expect(bytes_covered).toBe(60)
    expect(findings).toMatchObject([
      { severity: 'warn', message: expect.stringContaining('3 windows in bytes 0 to 260') },
    ])
  })

  it('a window in which a limit was reached, while the others count', async () => {
    const answer = (_: Buffer, nth: number) =>
      nth === 1 ? 'stream: Heuristics.Limits.Exceeded.MaxFiles FOUND' : undefined
    const { scanner } = await started({ answer })
    const { bytes_covered, findings } = await scan(scanner, zeros(260))
    expect(bytes_covered).toBe(200)
    expect(findings).toMatchObject([
      { severity: 'warn', rule: 'clamd-limit', message: expect.stringMatching(/bytes 80 to 180.*MaxFiles/) },
    ])
  })

  it('the whole file, when clamd keeps silent about its limits', async () => {
    const { scanner } = await started({ alerts: false })
    expect(await scan(scanner, zeros(300))).toMatchObject(notCovered('clamd-limit', /AlertExceedsMax yes/))
  })

  it('the whole file, when clamd has no signatures to speak of', async () => {
    const { scanner } = await started({ signatures: {} })
    expect(await scan(scanner, zeros(300))).toMatchObject(notCovered('clamd-limit', /EICAR.*freshclam/))
  })

  it.each([
    'stream: OK',
    'OK\0',
    '\0',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    'x'.repeat(10_000),
    'stream: ERROR\0',
    // Before it has been sent the file.
    'stream: OK\0',
  ])('anything, when the answer is %j', async (text) => {
    const { scanner } = await started({ misbehave: (socket) => void socket.resume().end(text) })
    const watch = scanner.watch('weights.bin', 300)
    for (let at = 0; at < 300; at += 30) {
      await watch.push(zeros(30))
      await setImmediate()
    }
    expect(await watch.end()).toMatchObject(notCovered('clamd-unavailable', /weights\.bin \(.*bytes 0 to 300\)/))
  })

  const wire = 'zINSTREAM\0'.length + 4 * (4 + 15) + 4
  it('anything, when the connection is cut after any byte that was sent', async () => {
    for (let cut = 0; cut <= wire - 'zINSTREAM\0'.length; cut++) {
      const misbehave = (socket: Socket) => {
        let left = cut
        const take = (bytes: Buffer) => {
          left -= bytes.length
          if (left <= 0) socket.destroy()
        }
        socket.on('data', take).resume()
        take(Buffer.alloc(0))
      }
      const { scanner } = await started({ misbehave })
      expect(await scan(scanner, zeros(60), 15), String(cut)).toMatchObject(notCovered('clamd-unavailable', /cut/))
    }
  })

  it('anything, when the answer is cut after any byte', async () => {
    const answer = 'stream: OK\0'
    for (let cut = 0; cut < answer.length; cut++) {
      const misbehave = (socket: Socket) => whenSent(socket, () => socket.end(answer.slice(0, cut)))
      const { scanner } = await started({ misbehave })
      const reason = cut === 0 ? /cut the connection\./ : /cut the connection after "s/
      expect(await scan(scanner, zeros(60)), String(cut)).toMatchObject(notCovered('clamd-unavailable', reason))
    }
  })

  it('anything after the window in which clamd went away, and nothing more is sent', async () => {
    let streams = 0
    const { scanner } = await started({
      misbehave: (socket, nth) => {
        streams++
        whenSent(socket, () => (nth === 0 ? socket.end('stream: OK\0') : socket.destroy()))
      },
    })
    const { bytes_covered, findings } = await scan(scanner, zeros(10_000))
    expect(bytes_covered).toBe(100)
    expect(findings).toMatchObject([{ severity: 'warn', evidence: 'bytes 80 to 10000' }])
    // The one that was on its way while the answer was waited for.
    expect(streams).toBeLessThanOrEqual(3)
  })

  it('a file, when nobody listens', async () => {
    const { clamd, scanner } = await started()
    await clamd.stop()
    expect(await scan(scanner, zeros(300))).toMatchObject(notCovered('clamd-unavailable', /cannot be reached at tcp:/))
  })
})

describe('a clamd that hangs', () => {
  it('and never answers costs the time limit, and the file is not covered', async () => {
    const { scanner } = await started({ misbehave: (socket) => void socket.resume() }, { timeoutMs: 50 })
    const expected = notCovered('clamd-unavailable', /did not answer for 0\.05 s/)
    expect(await scan(scanner, zeros(60))).toMatchObject(expected)
  })

  it('and drips an answer wins no time', async () => {
    const misbehave = (socket: Socket) => {
      const drip = setInterval(() => socket.write('x'), 5)
      socket.resume().once('close', () => clearInterval(drip))
    }
    const { scanner } = await started({ misbehave }, { timeoutMs: 50 })
    expect(await scan(scanner, zeros(60))).toMatchObject(notCovered('clamd-unavailable', /did not answer/))
  })

  it('and never reads holds the import up no longer than the time limit, with a chunk in memory', async () => {
    const { scanner } = await started(
      { misbehave: () => {} },
      {
        windowBytes: 2 ** 26,
        timeoutMs: 500,
      },
    )
    const chunk = zeros(2 ** 16)
    const watch = scanner.watch('weights.bin', 2 ** 25)
    const inKernel = process.memoryUsage().external + 2 ** 23
    for (let at = 0; at < 2 ** 25; at += chunk.length) {
      await watch.push(chunk)
      expect(process.memoryUsage().external).toBeLessThan(inKernel)
    }
    expect(await watch.end()).toMatchObject(notCovered('clamd-unavailable', /took no bytes/))
  })

  it('is not asked for each of many files', async () => {
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.destroy()
    })
    onTestFinished(() => void server.close())
    const path = join(folder, 'slammed.ctl')
    await new Promise<void>((resolve) => void server.listen(path, resolve))
    const scanner = createClamdScanner({ address: { path } })
    for (let i = 0; i < 100; i++) {
      expect(await scan(scanner, zeros(10))).toMatchObject(notCovered('clamd-unavailable', /./))
    }
    expect(connections).toBe(1)
  })

  it('is trusted again as soon as its version was asked for', async () => {
    const { clamd, scanner, address } = await started()
    await clamd.stop()
    expect(await scan(scanner, zeros(10))).toMatchObject({ bytes_covered: 0 })
    const again = new FakeClamd()
    await again.listen(address)
    onTestFinished(() => again.stop())
    await scanner.version()
    expect(await scan(scanner, zeros(10))).toMatchObject({ bytes_covered: 10, findings: [] })
  })
})

describe('connections', () => {
  it('are never more than allowed, and every file gets its turn', async () => {
    const { clamd, scanner } = await started({}, { maxConnections: 2 })
    const scans = await Promise.all(Array.from({ length: 12 }, () => scan(scanner, zeros(500))))
    expect(scans.every(({ bytes_covered }) => bytes_covered === 500)).toBe(true)
    expect(clamd.busyMost).toBeLessThanOrEqual(2)
  })

  it('are not kept after a file', async () => {
    const { clamd, scanner } = await started()
    await scan(scanner, zeros(500))
    await clamd.allClosed()
    expect(clamd.open).toBe(0)
  })

  it('are let go when the file breaks off, wherever it is, and the next file gets them', async () => {
    for (const bytes of [0, 1, 99, 100, 101, 250]) {
      const { clamd, scanner } = await started({}, { maxConnections: 1 })
      const watch = scanner.watch('weights.bin', 1000)
      await watch.push(zeros(bytes))
      watch.abort()
      watch.abort()
      await watch.push(zeros(50))
      expect((await watch.end()).bytes_covered).toBeLessThan(bytes + 50)
      await clamd.allClosed()
      expect(clamd.open).toBe(0)
      expect(await scan(scanner, zeros(300))).toMatchObject({ bytes_covered: 300 })
    }
  })

  it('end a push that waits for clamd, or for its turn, when the file breaks off', async () => {
    const { clamd, scanner } = await started(
      { misbehave: () => {} },
      {
        windowBytes: 2 ** 26,
        maxConnections: 1,
      },
    )
    const watches = [scanner.watch('a', 2 ** 25), scanner.watch('b', 2 ** 25)]
    const pushes = watches.map((watch) => watch.push(zeros(2 ** 25)))
    await setImmediate()
    for (const watch of watches) watch.abort()
    await Promise.all(pushes)
    await clamd.allClosed()
    expect(clamd.open).toBe(0)
  })

  it('take nothing from a scan that has ended', async () => {
    const { scanner } = await started()
    const watch = scanner.watch('weights.bin', 10)
    await watch.push(zeros(10))
    const scanned = await watch.end()
    watch.abort()
    expect(scanned).toEqual({ format: '', bytes_covered: 10, findings: [] })
  })
})

describe('version', () => {
  it('is what clamd says: program and signatures', async () => {
    const { scanner } = await started({ version: 'ClamAV 1.4.6/27001/Wed Nov 25 09:00:00 2026' })
    expect(await scanner.version()).toBe('ClamAV 1.4.6/27001/Wed Nov 25 09:00:00 2026')
  })

  it('is unavailable, with the next step, when nobody listens, something else does or no answer comes', async () => {
    const { clamd, scanner } = await started()
    await clamd.stop()
    await expect(scanner.version()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/cannot be reached at tcp:127.*Start clamd.*TCPSocket/),
    })
    const gone = createClamdScanner({ address: { path: join(folder, 'nothing.ctl') } })
    await expect(gone.version()).rejects.toThrow(/unix:.*nothing\.ctl.*LocalSocket/)
    const other = await started({ version: 'SSH-2.0-OpenSSH_9.2' })
    await expect(other.scanner.version()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/is not clamd/),
    })
    const silent = createServer((socket) => void socket.resume())
    onTestFinished(() => void silent.close())
    await new Promise<void>((resolve) => void silent.listen(join(folder, 'silent.ctl'), resolve))
    const waits = createClamdScanner({ address: { path: join(folder, 'silent.ctl') }, timeoutMs: 30 })
    await expect(waits.version()).rejects.toThrow(/did not answer for 0\.03 s/)
  })
})

it('refuses windows that cannot work', () => {
  const address = { path: '/run/clamd.ctl' }
  for (const options of [{ windowBytes: 10, overlapBytes: 10 }, { windowBytes: 2 ** 31 }, { maxConnections: 0 }]) {
    expect(() => createClamdScanner({ address, ...options })).toThrow(/2 GiB/)
  }
})

/** Calls back when the stream's last chunk, four zeros, has come. */
function whenSent(socket: Socket, done: () => void): void {
  let pending = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    pending = Buffer.concat([pending, bytes])
    while (pending.length >= 4) {
      const length = pending.readUInt32BE(0)
      if (length === 0) return done()
      if (pending.length < 4 + length) return
      pending = pending.subarray(4 + length)
    }
  })
  socket.resume()
}
