/**
 * Sends a folder in parts: four at a time, each tried again when the network fails it. What has arrived stays arrived:
 * going on after an error, or after a pause, sends only what the server says is missing.
 */
import type { UploadFile } from '@bud/contract'
import type { PlannedFile } from '../prepare/upload.ts'
import { createLanes, runAll } from './lanes.ts'

/** Resolves with whatever was answered; status 0 when nothing was. Rejects with the signal's reason when stopped. */
export type PutPart = (
  url: string,
  bytes: Blob,
  options: { onProgress: (sentBytes: number) => void; signal: AbortSignal },
) => Promise<{ status: number; message: string; presigned: boolean }>

export interface UploadServer {
  beginFile(file: { id: string; path: string; bytes: number }): Promise<UploadFile>
  completeFile(file: { id: string; path: string }): Promise<UploadFile>
  putPart: PutPart
  /** Waits before a part is tried again. */
  pause(ms: number, signal: AbortSignal): Promise<void>
}

export interface FolderUpload {
  id: string
  files: readonly PlannedFile[]
  /** Paths that are known to be whole; grows as files end, so that going on skips them. */
  done: Set<string>
}

export interface UploadOptions {
  /** Bytes that have arrived or are on their way, of all files together. */
  onBytes: (bytes: number) => void
  signal: AbortSignal
}

const AT_ONCE = 4
const TRIES = 5
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 8_000

export async function uploadFolder(server: UploadServer, upload: FolderUpload, options: UploadOptions): Promise<void> {
  const sent = new Map<string, number>()
  let all = 0
  const tell = (path: string, bytes: number) => {
    all += bytes - (sent.get(path) ?? 0)
    sent.set(path, bytes)
    options.onBytes(all)
  }
  for (const { path, file } of upload.files) if (upload.done.has(path)) tell(path, file.size)
  const lanes = createLanes(AT_ONCE)
  const left = upload.files.filter(({ path }) => !upload.done.has(path))
  await runAll(left, AT_ONCE, async (planned) => {
    await sendFile({ server, id: upload.id, planned, lanes, signal: options.signal, tell })
    upload.done.add(planned.path)
  })
}

interface FileJob {
  server: UploadServer
  id: string
  planned: PlannedFile
  lanes: ReturnType<typeof createLanes>
  signal: AbortSignal
  tell: (path: string, bytes: number) => void
}

async function sendFile(job: FileJob): Promise<void> {
  const { server, id, planned, signal, tell } = job
  const { path, file } = planned
  const begin = () => {
    signal.throwIfAborted()
    return server.beginFile({ id, path, bytes: file.size })
  }
  let state = await begin()
  while (!state.complete && state.missing.length > 0) {
    await sendParts(job, state)
    const next = await begin()
    if (next.bytes_arrived <= state.bytes_arrived && !next.complete)
      throw new Error(`Nothing of ${path} arrives, though it was sent. Go on to try again.`)
    state = next
  }
  if (!state.complete) await server.completeFile({ id, path })
  tell(path, file.size)
}

async function sendParts(job: FileJob, state: UploadFile): Promise<void> {
  const { server, planned, lanes, signal, tell } = job
  const underWay = new Map<number, number>()
  const report = (number: number, bytes: number) => {
    underWay.set(number, bytes)
    const sent = [...underWay.values()].reduce((sum, one) => sum + one, 0)
    tell(planned.path, Math.min(planned.file.size, state.bytes_arrived + sent))
  }
  tell(planned.path, state.bytes_arrived)
  await runAll(state.missing, AT_ONCE, (part) =>
    lanes(async () => {
      const bytes = planned.file.slice(part.offset, part.offset + part.bytes)
      const options = { signal, onProgress: (sentBytes: number) => report(part.number, sentBytes) }
      await sendPart(server, { url: part.url, bytes, path: planned.path }, options)
      report(part.number, part.bytes)
    }),
  )
}

interface SentPart {
  url: string
  bytes: Blob
  path: string
}

async function sendPart(server: UploadServer, part: SentPart, options: Parameters<PutPart>[2]): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    options.signal.throwIfAborted()
    const answer = await server.putPart(part.url, part.bytes, options)
    if (answer.status >= 200 && answer.status < 300) return
    options.onProgress(0)
    // An address of the store that has run out: asking for the missing parts again brings a fresh one.
    if (answer.presigned && answer.status === 403) return
    if (!isWorthRetrying(answer.status) || tried === TRIES)
      throw new Error(`Sending ${part.path} failed: ${answer.message}.`)
    await server.pause(Math.min(FIRST_WAIT_MS * 2 ** (tried - 1), LONGEST_WAIT_MS), options.signal)
  }
}

const isWorthRetrying = (status: number): boolean => status === 0 || status === 408 || status === 429 || status >= 500
