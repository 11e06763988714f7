/**
 * A cluster's model cache as a folder: `<folder>/<digest>/<path>`, one copy per content.
 *
 * A file that is there under its name is complete and has been compared with the manifest: bytes are written beside it
 * and renamed at the end. The folder's time of change says when the content was asked for last.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type BudError, failed, invalidInput } from '@bud/kernel'
import type { ModelStaging, StagingRequest } from '../ports.ts'

type ManifestFile = StagingRequest['manifest']['files'][number]

const PART_SUFFIX = '.bud-part'
const TRASH_PREFIX = '.trash-'
const DIGEST = /^[A-Za-z0-9][A-Za-z0-9_:.-]{7,127}$/

export class FolderModelStaging implements ModelStaging {
  readonly #folder: string
  /** Staging and collecting never meet on the same content. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
  }

  async stage({ manifest, open, onProgress }: StagingRequest): Promise<{ copied_bytes: number; total_bytes: number }> {
    const root = await this.#claim(manifest.digest)
    let done = 0
    let copied_bytes = 0
    for (const file of manifest.files) {
      const path = pathWithin(root, file.path)
      if (!(await isComplete(path, file.bytes))) {
        await copyVerified(path, file, await open(file.path), (bytes) => onProgress(done + bytes))
        copied_bytes += file.bytes
      }
      done += file.bytes
      onProgress(done)
    }
    return { copied_bytes, total_bytes: done }
  }

  collect({ keep, unused_for_ms }: { keep: readonly string[]; unused_for_ms: number }): Promise<{ removed: string[] }> {
    return this.#inTurn(async () => {
      const removed: string[] = []
      for (const name of await listFolder(this.#folder)) {
        const path = join(this.#folder, name)
        if (keep.includes(name)) continue
        if (!name.startsWith(TRASH_PREFIX)) {
          const { mtimeMs } = await stat(path)
          if (Date.now() - mtimeMs < unused_for_ms) continue
          removed.push(name)
        }
        const trash = name.startsWith(TRASH_PREFIX) ? path : join(this.#folder, `${TRASH_PREFIX}${name}`)
        if (trash !== path) await rename(path, trash)
        await rm(trash, { recursive: true, force: true })
      }
      return { removed }
    })
  }

  /** The cluster is gone, and its cache with it. */
  async clear(): Promise<void> {
    await this.#inTurn(() => rm(this.#folder, { recursive: true, force: true }))
  }

  /** Notes that the content is wanted now, so that nobody collects it. */
  #claim(digest: string): Promise<string> {
    if (!DIGEST.test(digest)) throw invalidInput(`"${digest}" is no digest of a model.`)
    return this.#inTurn(async () => {
      const root = join(this.#folder, digest)
      await mkdir(root, { recursive: true })
      const now = new Date()
      await utimes(root, now, now)
      return root
    })
  }

  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(body, body)
    this.#turn = mine.catch(() => {})
    return mine
  }
}

async function copyVerified(
  path: string,
  file: ManifestFile,
  source: Readable,
  onProgress: (bytes: number) => void,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const part = `${path}${PART_SUFFIX}`
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(
    source,
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        bytes += chunk.length
        if (bytes > file.bytes) throw changed(file, `It is longer than ${file.bytes} bytes.`)
        onProgress(bytes)
        yield chunk
      }
    },
    createWriteStream(part, { flush: true }),
  ).catch(async (error: unknown) => {
    await rm(part, { force: true })
    throw error
  })
  const sha256 = hash.digest('hex')
  if (sha256 !== file.sha256) {
    await rm(part, { force: true })
    throw changed(
      file,
      `${bytes} bytes with sha256 ${sha256}; the manifest says ${file.bytes} bytes with ${file.sha256}.`,
    )
  }
  await rename(part, path)
}

function changed(file: ManifestFile, evidence: string): BudError {
  const message = `The file ${file.path} is not the one that was scanned: it was changed since.`
  const next_step = 'Register the model again, so that what is there now is scanned.'
  return failed(message, [{ code: 'model-object-changed', message, path: file.path, evidence, next_step }])
}

async function isComplete(path: string, bytes: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true && found.size === bytes
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** A manifest comes from a registry, but its paths are still only text. */
function pathWithin(root: string, path: string): string {
  const parts = path.split('/')
  const isPlain = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))
  if (!isPlain || path.endsWith(PART_SUFFIX))
    throw invalidInput(`The manifest names a file outside its model: "${path}".`)
  return join(root, ...parts)
}
