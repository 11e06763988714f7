/** What the registry needs from outside: a place for files, where files come from, who looks at them, who uses them. */
import type { Readable } from 'node:stream'
import type { RangedFile } from './domain/formats/ranged-file.ts'
import type { FileScan } from './domain/scan/scan-report.ts'

/**
 * Bytes under keys such as `models/<model id>/<version id>/<path>`. A key that can be read is complete: a write that
 * was cut off leaves nothing. Keys are "/"-separated and checked by `oddPathReason`; refused ones are invalid-input.
 */
export interface ArtifactStore {
  /**
   * Streams `content` to `key`, visible only when all of it is there. Refuses an existing key (conflict), unless
   * `replace`. Rejects with the content's own error when the content breaks off.
   */
  write(key: string, content: AsyncIterable<Uint8Array>, options?: { replace?: boolean }): Promise<{ bytes: number }>
  /** The whole object, or bytes [start, end) of it, clipped to its size. Not-found when there is none. */
  read(key: string, range?: { start: number; end: number }): Promise<Readable>
  stat(key: string): Promise<{ bytes: number } | undefined>
  /** Every complete object whose key starts with `prefix` + "/", in key order. */
  list(prefix: string): AsyncIterable<{ key: string; bytes: number }>
  /** Idempotent: removes every object below `prefix`, half-written ones included. */
  deletePrefix(prefix: string): Promise<void>
}

export interface SourceFile {
  path: string
  bytes: number
}

export interface SourceListing {
  /** Regular files with usable names, in path order. */
  files: SourceFile[]
  /** What lies there too and is never taken: links, devices, deceptive names. Each is a sentence. */
  refused: { path: string; rule: 'symlink' | 'special-file' | 'odd-name'; message: string }[]
}

/** Where a model's files come from. `location` is what follows `<scheme>://` in a source path. */
export interface ModelSource {
  readonly scheme: string
  /** Rejects with a sentence that says what to do when the place is unknown or holds nothing. */
  list(location: string): Promise<SourceListing>
  /** One of the listed files. Rejects with not-found when it has gone. */
  open(location: string, path: string): Promise<Readable>
}

/** Looks at a file's structure by reading parts of it. Never rejects for what the file contains. */
export interface Scanner {
  readonly name: string
  /** Changes when rules change: a report says by which rules it was made. */
  readonly version: string
  scan(file: RangedFile): Promise<FileScan>
}

/** Looks at a file's bytes as they pass by: shares the one read with import and hashing. */
export interface StreamScanner {
  readonly name: string
  readonly version: string
  watch(path: string): StreamWatch
}

export interface StreamWatch {
  push(chunk: Uint8Array): void | Promise<void>
  /** After the last chunk. `bytes_covered`: how many of the pushed bytes were looked at. */
  end(): Promise<FileScan>
}

export interface ModelUser {
  endpoint_id: string
  endpoint_name: string
}

/** Which endpoints use a model; known to the package that runs endpoints. */
export interface ModelUsage {
  usedBy(projectId: string, modelId: string): Promise<ModelUser[]>
}
