/** The artifact store of one machine: a folder. Files appear by one atomic link, so a crash leaves no half of one. */
import { randomUUID } from 'node:crypto'
import { constants, link, mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { BudError, conflict, failed, invalidInput, notFound } from '@bud/kernel'
import { oddPathReason, printable } from '../domain/file-path.ts'
import type { ArtifactStore } from '../ports.ts'

/** Where writes go until they are complete; emptied when the store is opened. */
const INCOMING = '.incoming'

/** One process at a time may have a folder open (the data folder's lock sees to that). Creates it when missing. */
export async function openFolderArtifactStore(folder: string): Promise<ArtifactStore> {
  const root = resolve(folder)
  await rm(join(root, INCOMING), { recursive: true, force: true })
  await mkdir(join(root, INCOMING), { recursive: true })
  return new FolderArtifactStore(await realpath(root))
}

class FolderArtifactStore implements ArtifactStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    options: { replace?: boolean } = {},
  ): Promise<{ bytes: number }> {
    const target = this.#pathOf(key)
    if (!options.replace && (await this.stat(key))) throw exists(key)
    const temporary = join(this.#root, INCOMING, randomUUID())
    try {
      const bytes = await writeSynced(temporary, content)
      await mkdir(dirname(target), { recursive: true })
      await this.#refuseOutside(dirname(target), key)
      await (options.replace ? rename(temporary, target) : appear(temporary, target))
      return { bytes }
    } catch (error) {
      throw translated(error, key)
    } finally {
      await rm(temporary, { force: true })
    }
  }

  async read(key: string, range?: { start: number; end: number }): Promise<Readable> {
    const path = this.#pathOf(key)
    try {
      await this.#refuseOutside(path, key)
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      const { size } = await handle.stat()
      const start = Math.min(range?.start ?? 0, size)
      const end = Math.min(range?.end ?? size, size)
      // `end` of a read stream is inclusive, so an empty range needs a stream that reads nothing.
      return end <= start
        ? handle.createReadStream({ start: size })
        : handle.createReadStream({ start, end: end - 1, highWaterMark: 1024 * 1024 })
    } catch (error) {
      throw translated(error, key)
    }
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    const found = await stat(this.#pathOf(key)).catch(undefinedWhenGone)
    return found?.isFile() ? { bytes: found.size } : undefined
  }

  async *list(prefix: string): AsyncIterable<{ key: string; bytes: number }> {
    yield* this.#walk(this.#pathOf(prefix), prefix)
  }

  async deletePrefix(prefix: string): Promise<void> {
    const path = this.#pathOf(prefix)
    await this.#refuseOutside(dirname(path), prefix).catch(undefinedWhenGone)
    await rm(path, { recursive: true, force: true })
    for (let parent = dirname(path); parent !== this.#root; parent = dirname(parent)) {
      const removed = await rmdir(parent).then(
        () => true,
        () => false,
      )
      if (!removed) return
    }
  }

  async *#walk(folder: string, prefix: string): AsyncIterable<{ key: string; bytes: number }> {
    const entries = (await readdir(folder, { withFileTypes: true }).catch(undefinedWhenGone)) ?? []
    const order = (entry: (typeof entries)[number]) => (entry.isDirectory() ? `${entry.name}/` : entry.name)
    for (const entry of entries.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))) {
      const key = `${prefix}/${entry.name}`
      if (entry.isDirectory()) yield* this.#walk(join(folder, entry.name), key)
      else if (entry.isFile()) yield { key, bytes: (await stat(join(folder, entry.name))).size }
    }
  }

  #pathOf(key: string): string {
    const reason = oddPathReason(key) ?? (key.split('/')[0] === INCOMING ? 'is reserved' : undefined)
    if (reason) throw invalidInput(`The file name "${printable(key)}" cannot be used: it ${reason}.`)
    return join(this.#root, ...key.split('/'))
  }

  /** A link planted in the folder must not lead reads or writes elsewhere. */
  async #refuseOutside(path: string, key: string): Promise<void> {
    const real = await realpath(path)
    if (real !== path || !(real === this.#root || real.startsWith(this.#root + sep))) {
      throw failed(`"${printable(key)}" leads out of the artifact folder through a symbolic link. Remove the link.`)
    }
  }
}

async function writeSynced(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(path, 'wx', 0o640)
  try {
    let bytes = 0
    for await (const chunk of content) {
      await handle.writeFile(chunk)
      bytes += chunk.length
    }
    await handle.sync()
    return bytes
  } finally {
    await handle.close()
  }
}

/** Fails when the target exists, also when it came into being a moment ago; file systems without links rename. */
async function appear(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error))) throw error
    await rename(temporary, target)
  }
}

function translated(error: unknown, key: string): unknown {
  if (error instanceof BudError) return error
  switch (codeOf(error)) {
    case 'ENOENT':
      return notFound('stored file', printable(key))
    case 'ELOOP':
      return failed(`"${printable(key)}" is a symbolic link. Remove it.`, [], error)
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
      return exists(key)
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(
        `The disk of the data folder is full; "${printable(key)}" was not stored. Free some space and try again.`,
        [],
        error,
      )
    case 'ENAMETOOLONG':
      return invalidInput(`The file name "${printable(key)}" is too long for the file system.`)
    default:
      return error
  }
}

const exists = (key: string) => conflict(`"${printable(key)}" is stored already; stored files never change.`)
const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

function undefinedWhenGone(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined
  throw error
}
