/** The artifact store of one machine: a folder. Files appear by one atomic link, so a crash leaves no half of one. */
import {
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  utimes,
} from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { ArtifactStore, PartUploads, StoredObject } from '../ports.ts'
import { ArtifactFolder, codeOf, translateFileError, undefinedWhenGone, writeSynced } from './artifact-folder.ts'
import { INCOMING, storedAlready, UNFINISHED } from './artifact-keys.ts'
import { FolderPartUploads } from './folder-part-uploads.ts'

const CHUNK_BYTES = 1024 * 1024

/** One process at a time may have a folder open (the data folder's lock sees to that). Creates it when missing. */
export async function openFolderArtifactStore(folder: string): Promise<ArtifactStore & PartUploads> {
  const root = resolve(folder)
  // Writes that are not complete; parts, which outlive restarts, are kept apart from them.
  await rm(join(root, INCOMING), { recursive: true, force: true })
  await mkdir(join(root, INCOMING), { recursive: true })
  await mkdir(join(root, UNFINISHED), { recursive: true })
  return new FolderArtifactStore(new ArtifactFolder(await realpath(root)))
}

class FolderArtifactStore extends FolderPartUploads implements ArtifactStore {
  readonly #folder: ArtifactFolder

  constructor(folder: ArtifactFolder) {
    super(folder)
    this.#folder = folder
  }

  async write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    options: { replace?: boolean } = {},
  ): Promise<{ bytes: number; etag: string }> {
    if (!options.replace && (await this.stat(key))) throw storedAlready(key)
    return this.#folder.withTemporary(async (temporary) => {
      try {
        const bytes = await writeSynced(temporary, content)
        const target = await this.#folder.prepare(key)
        await (options.replace ? rename(temporary, target) : appear(temporary, target))
        return { bytes, etag: etagOf(await stat(target, { bigint: true })) }
      } catch (error) {
        throw translateFileError(error, key)
      }
    })
  }

  async read(key: string, range?: { start: number; end: number }): Promise<Readable> {
    const path = this.#folder.pathOf(key)
    try {
      await this.#folder.refuseOutside(path, key)
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      const { size } = await handle.stat()
      const start = Math.min(range?.start ?? 0, size)
      const end = Math.min(range?.end ?? size, size)
      // `end` of a read stream is inclusive, so an empty range needs a stream that reads nothing.
      return end <= start
        ? handle.createReadStream({ start: size })
        : handle.createReadStream({ start, end: end - 1, highWaterMark: CHUNK_BYTES })
    } catch (error) {
      throw translateFileError(error, key)
    }
  }

  async stat(key: string): Promise<{ bytes: number; etag: string } | undefined> {
    const found = await stat(this.#folder.pathOf(key), { bigint: true }).catch(undefinedWhenGone)
    if (!found?.isFile()) return undefined
    return { bytes: Number(found.size), etag: etagOf(found) }
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    yield* walk(this.#folder.pathOf(prefix), prefix)
  }

  /** Both names then stand for the same bytes, which never change: what replaces one of them is another file. */
  async copy(from: string, to: string): Promise<{ bytes: number }> {
    const source = this.#folder.pathOf(from)
    this.#folder.pathOf(to)
    await this.#requireFile(source, from)
    if (await this.stat(to)) throw storedAlready(to)
    try {
      const target = await this.#folder.prepare(to)
      await link(source, target).catch((error) => this.#copyBytes(error, source, target))
      const now = new Date()
      await utimes(target, now, now)
      return { bytes: (await stat(target)).size }
    } catch (error) {
      throw translateFileError(error, to)
    }
  }

  async deletePrefix(prefix: string): Promise<void> {
    const path = this.#folder.pathOf(prefix)
    await this.abortBelow(prefix)
    await this.#folder.refuseOutside(dirname(path), prefix).catch(undefinedWhenGone)
    const found = await lstat(path).catch(undefinedWhenGone)
    if (found?.isFile()) return
    await rm(path, { recursive: true, force: true })
    for (let parent = dirname(path); parent !== this.#folder.root; parent = dirname(parent)) {
      const removed = await rmdir(parent).then(
        () => true,
        () => false,
      )
      if (!removed) return
    }
  }

  async #requireFile(path: string, key: string): Promise<void> {
    try {
      await this.#folder.refuseOutside(path, key)
      if ((await lstat(path)).isFile()) return
    } catch (error) {
      throw translateFileError(error, key)
    }
    throw translateFileError(Object.assign(new Error('not a file'), { code: 'ENOENT' }), key)
  }

  async #copyBytes(error: unknown, source: string, target: string): Promise<void> {
    if (!withoutLinks(error)) throw error
    await this.#folder.withTemporary(async (temporary) => {
      await copyFile(source, temporary, constants.COPYFILE_FICLONE)
      const handle = await open(temporary, 'r+')
      await handle.sync().finally(() => handle.close())
      await appear(temporary, target)
    })
  }
}

/** Which file it is, and when it was written. */
const etagOf = ({ ino, mtimeNs, size }: { ino: bigint; mtimeNs: bigint; size: bigint }): string =>
  `${ino}-${mtimeNs}-${size}`

async function* walk(folder: string, prefix: string): AsyncIterable<StoredObject> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(undefinedWhenGone)) ?? []
  const order = (entry: (typeof entries)[number]) => (entry.isDirectory() ? `${entry.name}/` : entry.name)
  for (const entry of entries.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))) {
    const key = `${prefix}/${entry.name}`
    if (entry.isDirectory()) yield* walk(join(folder, entry.name), key)
    else if (entry.isFile()) {
      const found = await stat(join(folder, entry.name), { bigint: true })
      yield { key, bytes: Number(found.size), changed_ms: Number(found.mtimeMs), etag: etagOf(found) }
    }
  }
}

/** Fails when the target exists, also when it came into being a moment ago; file systems without links rename. */
async function appear(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target)
  } catch (error) {
    if (!withoutLinks(error)) throw error
    await rename(temporary, target)
  }
}

const withoutLinks = (error: unknown): boolean => ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(codeOf(error))
