/** The one read that import, hashing and stream scanners share. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { BudError, type Clock, failed, messageOf } from '@bud/kernel'
import type { ManifestFile } from '../domain/manifest.ts'
import { type FileCoverage, type FileScan, finding, type ReportedFinding } from '../domain/scan/scan-report.ts'
import type { SourceFile, StreamScanner, StreamWatch } from '../ports.ts'
import { resumedRead } from './resumed-read.ts'
import { unlessAborted } from './unless-aborted.ts'

/** What one pass over a file's bytes told. Kept as a step's result: plain data. */
export interface PassedFile extends ReadFile {
  /** Of the stored object as it was when these bytes passed. */
  etag: string
}

export interface ReadFile extends ManifestFile {
  /** What each stream scanner looked at. */
  scanned: FileCoverage[]
  findings: ReportedFinding[]
}

/** One after the other, but of several files at once. */
export type OnBytes = (bytes: number) => Promise<void>

export interface Read {
  file: SourceFile
  /** The file from byte `start` on: called again where a connection broke. */
  open(start: number): Promise<Readable>
  /** Takes all chunks. What it makes of them must not be seen when they break off. */
  sink(chunks: AsyncIterable<Uint8Array>): Promise<unknown>
}

export interface Reading {
  scanners: readonly StreamScanner[]
  clock: Clock
  signal: AbortSignal
  onBytes: OnBytes
}

/**
 * Hands every byte once to hash, scanners and `sink`. When anything but a scanner fails, the sink's chunks break off
 * with that error, also when the bytes are not those of `file.sha256`.
 */
export async function readThrough({ file, open, sink }: Read, reading: Reading): Promise<ReadFile> {
  const { scanners, clock, onBytes } = reading
  const over = new AbortController()
  const signal = AbortSignal.any([reading.signal, over.signal])
  const watches = scanners.map((scanner) => ({ scanner, watch: guarded(scanner, file) }))
  signal.addEventListener('abort', () => {
    for (const { watch } of watches) watch.abort()
  })
  const hash = createHash('sha256')
  let sha256: string | undefined
  const pass = async function* () {
    for await (const chunk of resumedRead({ file, open, clock, signal })) {
      const looking = Promise.all(watches.map(({ watch }) => watch.push(chunk)))
      hash.update(chunk)
      yield chunk
      await unlessAborted(signal, () => looking)
      await onBytes(chunk.length)
    }
    sha256 = hash.digest('hex')
    if (file.sha256 !== undefined && file.sha256 !== sha256) throw otherDigest(file, file.sha256, sha256)
  }
  try {
    await sink(pass())
    if (sha256 === undefined) throw new BudError('internal', `${file.path} was not taken to its end.`)
    return { path: file.path, bytes: file.bytes, sha256, ...(await watched(file, watches)) }
  } finally {
    over.abort()
  }
}

async function watched(
  { path, bytes }: SourceFile,
  watches: readonly { scanner: StreamScanner; watch: StreamWatch }[],
): Promise<Pick<ReadFile, 'scanned' | 'findings'>> {
  const scans = await Promise.all(watches.map(async ({ scanner, watch }) => ({ scanner, scan: await watch.end() })))
  return {
    scanned: scans.map(({ scanner, scan }) => ({
      scanner: scanner.name,
      bytes_covered: Math.min(bytes, scan.bytes_covered),
    })),
    findings: scans.flatMap(({ scanner, scan }) =>
      scan.findings.map((entry) => ({ ...entry, path, scanner: scanner.name })),
    ),
  }
}

/** A scanner that fails has covered nothing, and does not stop the import: the scan is incomplete, never clean. */
function guarded(scanner: StreamScanner, { path, bytes }: SourceFile): StreamWatch {
  let failure: FileScan | undefined
  const attempt = async <T>(call: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return failure ? undefined : await call()
    } catch (error) {
      failure ??= failedScan(scanner, path, error)
      return undefined
    }
  }
  let watch: StreamWatch | undefined
  // The call is made at once: only its outcome is waited for.
  void attempt(() => {
    watch = scanner.watch(path, bytes)
  })
  return {
    push: (chunk) => attempt(() => watch?.push(chunk)),
    end: async () => (await attempt(() => watch?.end())) ?? failure ?? failedScan(scanner, path, 'no result'),
    abort: () => {
      try {
        watch?.abort()
      } catch (error) {
        failure ??= failedScan(scanner, path, error)
      }
    },
  }
}

export const failedScan = (scanner: { name: string }, path: string, error: unknown): FileScan => ({
  format: '',
  bytes_covered: 0,
  findings: [finding('warn', 'scanner-failed', `${scanner.name} could not look at ${path}: ${messageOf(error)}`)],
})

const otherDigest = ({ path }: SourceFile, expected: string, actual: string): BudError =>
  failed(`${path} is not what its source says: the sha256 should be ${expected} and is ${actual}.`, [
    {
      code: 'source-digest-mismatch',
      message: `The bytes of ${path} that arrived do not have the sha256 that the source lists; none of them were kept.`,
      path,
      evidence: `${expected} → ${actual}`,
      next_step: 'Register again. If it stays so, the source or its mirror holds a damaged file.',
    },
  ])
