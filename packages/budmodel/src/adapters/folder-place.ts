/** A folder of this machine as a place that models come from: files are listed, opened, and held to what they were. */
import type { BigIntStats } from 'node:fs'
import { constants, type FileHandle, lstat, open, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { BudError, failed, invalidInput, notFound } from '@bud/kernel'
import { oddPathReason, printable } from '../domain/file-path.ts'
import type { SourceListing, SourcePlace } from '../ports.ts'
import { undefinedWhenGone } from './artifact-folder.ts'
import { KnownStates } from './known-states.ts'
import { MAX_FILES, sortListing, tooManyFiles } from './source-listing.ts'

const CHUNK_BYTES = 1024 * 1024

export class FolderPlace implements SourcePlace {
  readonly pinned: string
  readonly #folder: string
  readonly #states = new KnownStates()

  /** `folder`: a real path. */
  constructor(pinned: string, folder: string) {
    this.pinned = pinned
    this.#folder = folder
  }

  async list(): Promise<SourceListing> {
    const listing: SourceListing = { files: [], refused: [] }
    await this.#collect('', listing)
    return sortListing(listing)
  }

  async open(path: string, start = 0): Promise<Readable> {
    const odd = oddPathReason(path)
    if (odd) throw invalidInput(`The file name "${printable(path)}" cannot be used: it ${odd}.`)
    const handle = await this.#openFile(path)
    try {
      const { size } = await this.#check(path, handle)
      if (start > size) throw this.#states.changed(path)
      const stream = Readable.from(this.#checkedToTheEnd(path, handle, start), { objectMode: false })
      stream.once('close', () => void handle.close().catch(() => {}))
      return stream
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async #openFile(path: string): Promise<FileHandle> {
    const file = join(this.#folder, ...path.split('/'))
    try {
      if ((await realpath(file)) !== file) throw failed(`${path} is reached through a symbolic link; it is not read.`)
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
      if ((await handle.stat()).isFile()) return handle
      await handle.close()
    } catch (error) {
      if (error instanceof BudError) throw error
      undefinedWhenGone(error)
    }
    throw notFound('file', `${this.pinned}/${path}`, 'It was there a moment ago: was it moved?')
  }

  async *#checkedToTheEnd(path: string, handle: FileHandle, start: number): AsyncGenerator<Uint8Array, void> {
    yield* handle.createReadStream({ start, highWaterMark: CHUNK_BYTES, autoClose: false })
    await this.#check(path, handle)
  }

  async #check(path: string, handle: FileHandle): Promise<{ size: number }> {
    const found = await handle.stat({ bigint: true })
    this.#states.hold(path, stateOf(found))
    return { size: Number(found.size) }
  }

  async #collect(prefix: string, listing: SourceListing): Promise<void> {
    const folder = join(this.#folder, ...prefix.split('/'))
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = `${prefix}${entry.name}`
      const shown = printable(path)
      const odd = oddPathReason(path)
      if (odd) {
        listing.refused.push({
          path: shown,
          rule: 'odd-name',
          message: `The name "${shown}" ${odd}; it was not taken.`,
        })
      } else if (entry.isSymbolicLink()) {
        listing.refused.push({
          path,
          rule: 'symlink',
          message: `${path} is a symbolic link; it was not followed. Put the file itself there.`,
        })
      } else if (entry.isDirectory()) {
        await this.#collect(`${path}/`, listing)
      } else if (entry.isFile()) {
        const found = await lstat(join(folder, entry.name), { bigint: true })
        this.#states.listed(path, stateOf(found))
        listing.files.push({ path, bytes: Number(found.size) })
      } else {
        listing.refused.push({
          path,
          rule: 'special-file',
          message: `${path} is neither a file nor a folder; it was not taken.`,
        })
      }
      if (listing.files.length > MAX_FILES) throw tooManyFiles(this.pinned)
    }
  }
}

const stateOf = ({ size, mtimeNs, ino }: BigIntStats): string => `${size} ${mtimeNs} ${ino}`
