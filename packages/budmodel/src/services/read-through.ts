/** The one read that import, hashing and stream scanners share. */
import { createHash } from 'node:crypto'
import { messageOf } from '@bud/kernel'
import type { ManifestFile } from '../domain/manifest.ts'
import { type FileScan, finding, type ReportedFinding } from '../domain/scan/scan-report.ts'
import type { StreamScanner, StreamWatch } from '../ports.ts'

/** What one pass over a file's bytes told. Kept as a step's result: plain data. */
export interface PassedFile extends ManifestFile {
  /** Bytes that every stream scanner looked at. */
  bytes_watched: number
  findings: ReportedFinding[]
}

/** Hands the chunks on as they come; `result` resolves after the last one was taken. */
export function readThrough(
  path: string,
  content: AsyncIterable<Uint8Array>,
  scanners: readonly StreamScanner[],
  onBytes: (bytes: number) => Promise<void>,
): { chunks: AsyncIterable<Uint8Array>; result: () => Promise<PassedFile> } {
  const hash = createHash('sha256')
  const watches = scanners.map((scanner) => ({ scanner, watch: guarded(scanner, path) }))
  let bytes = 0
  const pass = async function* () {
    for await (const chunk of content) {
      hash.update(chunk)
      for (const { watch } of watches) await watch.push(chunk)
      bytes += chunk.length
      yield chunk
      await onBytes(chunk.length)
    }
  }
  const result = async (): Promise<PassedFile> => {
    let watched = bytes
    const findings: ReportedFinding[] = []
    for (const { scanner, watch } of watches) {
      const scan = await watch.end()
      watched = Math.min(watched, scan.bytes_covered)
      findings.push(...scan.findings.map((entry) => ({ ...entry, path, scanner: scanner.name })))
    }
    return { path, bytes, sha256: hash.digest('hex'), bytes_watched: watched, findings }
  }
  return { chunks: pass(), result }
}

/** A scanner that fails has covered nothing, and does not stop the import: the scan is incomplete, never clean. */
function guarded(scanner: StreamScanner, path: string): StreamWatch {
  const watch = scanner.watch(path)
  let failure: FileScan | undefined
  const attempt = async (call: () => Promise<FileScan> | Promise<void> | void): Promise<FileScan | undefined> => {
    try {
      return (await call()) ?? undefined
    } catch (error) {
      failure = failedScan(scanner, path, error)
      return failure
    }
  }
  return {
    push: async (chunk) => {
      if (!failure) await attempt(() => watch.push(chunk))
    },
    end: async () => failure ?? (await attempt(() => watch.end())) ?? failedScan(scanner, path, 'no result'),
  }
}

export const failedScan = (scanner: { name: string }, path: string, error: unknown): FileScan => ({
  format: '',
  bytes_covered: 0,
  findings: [finding('warn', 'scanner-failed', `${scanner.name} could not look at ${path}: ${messageOf(error)}`)],
})
