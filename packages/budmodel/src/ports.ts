/** What the registry needs from outside: a place for files, where files come from, who looks at them, who uses them. */
import type { Readable } from 'node:stream'
import type { ModelFacts } from '@bud/kernel'
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
  write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    options?: { replace?: boolean },
  ): Promise<{ bytes: number; etag: string }>
  /** The whole object, or bytes [start, end) of it, clipped to its size. Not-found when there is none. */
  read(key: string, range?: { start: number; end: number }): Promise<Readable>
  stat(key: string): Promise<{ bytes: number; etag: string } | undefined>
  /** Every complete object whose key starts with `prefix` + "/", in key order. `changed_ms`: when it was written. */
  list(prefix: string): AsyncIterable<StoredObject>
  /** Without its bytes passing through this process. Refuses an existing key (conflict); not-found without a source. */
  copy(from: string, to: string): Promise<{ bytes: number }>
  /** Idempotent: removes every object below `prefix`, half-written ones and unfinished parts included. */
  deletePrefix(prefix: string): Promise<void>
}

export interface StoredObject {
  key: string
  bytes: number
  changed_ms: number
  /** Another one for other content: the same from `write`, `stat` and `list`. */
  etag: string
}

/**
 * Large files that arrive in parts, in any order, some of them twice, over days. Parts outlive restarts. Every method
 * answers not-found for an upload that was never begun or has ended.
 */
export interface PartUploads {
  /** A fresh upload for `key`: `upload` names it in the other calls. Nothing is visible under the key until it ends. */
  begin(key: string): Promise<{ upload: string }>
  /**
   * Where a client sends part `number` (from 1) with PUT, as a URL that holds for an hour; undefined where parts have
   * to come through `writePart`.
   */
  partUrl(key: string, upload: string, number: number): Promise<string | undefined>
  /** Part `number` as a stream of exactly `bytes`; a part sent again replaces the first. */
  writePart(
    key: string,
    upload: string,
    part: { number: number; bytes: number },
    content: AsyncIterable<Uint8Array>,
  ): Promise<void>
  /** Parts that have arrived whole, in order. */
  parts(key: string, upload: string): Promise<{ number: number; bytes: number }[]>
  /** All parts 1…`count` become the object, replacing an older one. `conflict` when one is missing. Ends the upload. */
  complete(key: string, upload: string, count: number): Promise<{ bytes: number }>
  /** Idempotent. */
  abort(key: string, upload: string): Promise<void>
}

export interface SourceFile {
  path: string
  bytes: number
  /** Where the source itself tells it (lower-case hexadecimal); the bytes are held against it. */
  sha256?: string | undefined
}

export interface SourceListing {
  /** Regular files with usable names, in path order. */
  files: SourceFile[]
  /** What lies there too and is never taken: links, devices, deceptive names. Each is a sentence. */
  refused: { path: string; rule: 'symlink' | 'special-file' | 'odd-name'; message: string }[]
}

export interface PlaceRequest {
  project_id: string
  /** What follows `<scheme>://` in a source path. */
  location: string
}

/** Kinds of places that a model's files come from. */
export interface ModelSource {
  readonly scheme: string
  /**
   * Finds the place: credentials looked up, a moving name (a branch) pinned. Rejects with a sentence that says what to
   * do when the place is unknown, refuses its credentials or holds nothing.
   */
  find(request: PlaceRequest): Promise<SourcePlace>
}

/** One place, as it stood when it was found. */
export interface SourcePlace {
  /** The source path with every moving part pinned, e.g. `hf://org/name@<commit>`: it finds the same place again. */
  readonly pinned: string
  list(): Promise<SourceListing>
  /**
   * One of the listed files from byte `start` on. Not-found when it has gone; `failed` (source-changed) when it is no
   * longer the one that was listed or first read; `unavailable` while the place does not answer.
   */
  open(path: string, start?: number): Promise<Readable>
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
  /** Program and signatures. Rejects with `unavailable` while the scanner does not answer. */
  version(): Promise<string>
  watch(path: string, bytes: number): StreamWatch
}

export interface StreamWatch {
  push(chunk: Uint8Array): void | Promise<void>
  /** After the last chunk. `bytes_covered`: how many of the pushed bytes were looked at. */
  end(): Promise<FileScan>
  /** The content broke off: lets go of what is held. Idempotent, also after `end`. */
  abort(): void
}

export interface ModelUser {
  endpoint_id: string
  endpoint_name: string
  version_id: string
}

/** Which endpoints use a model; known to the package that runs endpoints. */
export interface ModelUsage {
  usedBy(projectId: string, modelId: string): Promise<ModelUser[]>
}

/** How one model lies on one cluster. */
export interface ClusterFit {
  cluster_id: string
  cluster_name: string
  /** With every GPU of the cluster free. */
  fits: boolean
  /** With the GPUs that are free now. */
  fits_now: boolean
  /** The smallest layout of one replica; null when it does not fit. */
  gpu_type: string | null
  gpu_count: number | null
}

/** What a model needs against what clusters have; known to the package that keeps the inventory. */
export interface ClusterFits {
  /** One answer per cluster of the project. */
  of(projectId: string, facts: ModelFacts): Promise<ClusterFit[]>
  /** For each of `facts`, whether it fits on the cluster (id or name). Not-found for an unknown cluster. */
  on(projectId: string, cluster: string, facts: readonly ModelFacts[]): Promise<boolean[]>
}

/** The owner's rules for scans and licences, kept as one text. */
export interface PolicyFile {
  /** As it is now; undefined while there is none. */
  read(): Promise<string | undefined>
  /** Whole or not at all. Rejects with `failed` where the text cannot be changed from here, saying where it can. */
  write(text: string): Promise<void>
  /** For people: where it lies. */
  readonly described: string
}

/** Everything to read a bucket of an S3-compatible store. Without an endpoint: AWS. */
export interface S3Connection {
  bucket: string
  endpoint?: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  /** Bucket in the path; else in the host name. */
  pathStyle: boolean
}

export interface HubConnection {
  /** The hub, or a mirror that speaks its API. */
  endpoint: string
  token: string | undefined
}

/** Tries a connection before it is kept. */
export interface ConnectionProbe {
  /** Rejects with a sentence that says what is wrong: the place does not answer, knows no such bucket, refuses the key. */
  check(connection: ({ kind: 's3' } & S3Connection) | ({ kind: 'huggingface' } & HubConnection)): Promise<void>
}
