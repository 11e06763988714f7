/**
 * Large files in parts, in a folder: parts of the usual size are written where they belong in one file, which becomes the
 * object without being copied. Parts of another size, and those sent again, are files of their own until the end.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { conflict, KeyedMutex, notFound } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'
import type { PartUploads } from '../ports.ts'
import { type ArtifactFolder, translateFileError, undefinedWhenGone, writeSynced } from './artifact-folder.ts'
import {
  exactly,
  missingParts,
  requireKey,
  requirePart,
  requirePartCount,
  requirePartNumber,
  UNFINISHED,
} from './artifact-keys.ts'
import { type ArrivedPart, PartFolder, type PartSize } from './folder-part-files.ts'

const UPLOAD_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export class FolderPartUploads implements PartUploads {
  readonly #folder: ArtifactFolder
  readonly #turns = new KeyedMutex()
  /** Parts that are being written where they belong, as "<upload>/<number>". */
  readonly #inData = new Set<string>()

  constructor(folder: ArtifactFolder) {
    this.#folder = folder
  }

  async begin(key: string): Promise<{ upload: string }> {
    requireKey(key)
    const upload = randomUUID()
    return this.#folder.withTemporary(async (temporary) => {
      try {
        await mkdir(temporary)
        await new PartFolder(temporary).create(key)
        await rename(temporary, this.#placeOf(upload).path)
        return { upload }
      } catch (error) {
        throw translateFileError(error, key)
      }
    })
  }

  async partUrl(key: string, upload: string, number: number): Promise<undefined> {
    requirePartNumber(number)
    await this.#find(key, upload)
  }

  async writePart(key: string, upload: string, part: PartSize, content: AsyncIterable<Uint8Array>): Promise<void> {
    requirePart(part)
    const place = await this.#find(key, upload)
    const chunks = exactly(content, part.bytes, part.number)
    const offset = await this.#claim(upload, place, part)
    try {
      let own: string | undefined
      if (offset === undefined) own = await place.writeOwn(chunks)
      else await place.writeInData(offset, chunks)
      await this.#turns.run(upload, async () => {
        await this.#find(key, upload)
        await place.count(part, own)
      })
    } catch (error) {
      throw translateFileError(error, key)
    } finally {
      if (offset !== undefined) this.#inData.delete(`${upload}/${part.number}`)
    }
  }

  async parts(key: string, upload: string): Promise<PartSize[]> {
    const place = await this.#find(key, upload)
    return (await place.arrived()).map(({ number, bytes }) => ({ number, bytes }))
  }

  async complete(key: string, upload: string, count: number): Promise<{ bytes: number }> {
    requirePartCount(count)
    return this.#turns.run(upload, async () => {
      const place = await this.#find(key, upload)
      if ([...this.#inData].some((part) => part.startsWith(`${upload}/`))) throw stillArriving(key)
      const arrived = await place.arrived()
      const missing = missingParts(key, new Set(arrived.map(({ number }) => number)), count)
      if (missing) throw missing
      const taken = arrived.filter(({ number }) => number <= count)
      try {
        // They would count on bytes that are cut off now.
        for (const part of arrived) if (part.number > count) await place.drop(part)
        await this.#appear(key, place, taken)
        await rm(place.path, { recursive: true, force: true })
      } catch (error) {
        throw translateFileError(error, key)
      }
      return { bytes: taken.reduce((sum, { bytes }) => sum + bytes, 0) }
    })
  }

  async abort(key: string, upload: string): Promise<void> {
    requireKey(key)
    if (!UPLOAD_ID.test(upload)) return
    await this.#turns.run(upload, async () => {
      const place = this.#placeOf(upload)
      if ((await place.key()) === key) await rm(place.path, { recursive: true, force: true })
    })
  }

  /** Ends every upload to a key below `prefix` + "/". */
  protected async abortBelow(prefix: string): Promise<void> {
    const uploads = (await readdir(join(this.#folder.root, UNFINISHED)).catch(undefinedWhenGone)) ?? []
    for (const upload of uploads) {
      const key = await this.#placeOf(upload).key()
      if (key?.startsWith(`${prefix}/`)) await this.abort(key, upload)
    }
  }

  async #appear(key: string, place: PartFolder, parts: readonly ArrivedPart[]): Promise<void> {
    if (await place.liesInPlace(parts)) {
      const file = await place.fillData(parts)
      await rename(file, await this.#folder.prepare(key))
      return
    }
    await this.#folder.withTemporary(async (temporary) => {
      await writeSynced(temporary, place.content(parts))
      await rename(temporary, await this.#folder.prepare(key))
    })
  }

  #placeOf(upload: string): PartFolder {
    return new PartFolder(join(this.#folder.root, UNFINISHED, upload))
  }

  async #find(key: string, upload: string): Promise<PartFolder> {
    requireKey(key)
    if (UPLOAD_ID.test(upload)) {
      const place = this.#placeOf(upload)
      if ((await place.key()) === key) return place
    }
    throw notFound('unfinished upload of', printable(key), 'It was never begun or has ended: begin it again.')
  }

  /** Where in `data` this request alone may write the part; undefined: the part becomes a file of its own. */
  #claim(upload: string, place: PartFolder, part: PartSize): Promise<number | undefined> {
    return this.#turns.run(upload, async () => {
      const unit = await place.unit(part.bytes)
      const arrived = (await place.arrived()).some(({ number }) => number === part.number)
      const id = `${upload}/${part.number}`
      if (part.bytes !== unit || arrived || this.#inData.has(id)) return undefined
      this.#inData.add(id)
      return (part.number - 1) * unit
    })
  }
}

const stillArriving = (key: string) =>
  conflict(`Parts of "${printable(key)}" are still arriving. Complete it when all requests have been answered.`)
