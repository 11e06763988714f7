/**
 * How an unfinished upload lies in a folder: `key`, `unit` (the usual size of its parts), `data`, and for each part that
 * has arrived whole either `<number>.<bytes>.data` (an empty file: the bytes are in `data`) or `<number>.<bytes>.own`
 * (the bytes). A part is counted by its name alone, so it counts only once its bytes are on the disk.
 */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { undefinedWhenGone, writeAt, writeSynced } from './artifact-folder.ts'

const CHUNK_BYTES = 1024 * 1024

export interface PartSize {
  number: number
  bytes: number
}

export interface ArrivedPart extends PartSize {
  kind: 'data' | 'own'
}

export class PartFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** undefined when there is no upload. */
  key(): Promise<string | undefined> {
    return readFile(join(this.path, 'key'), 'utf8').catch(undefinedWhenGone)
  }

  async create(key: string): Promise<void> {
    await writeFile(join(this.path, 'data'), '', { flag: 'wx', mode: 0o640 })
    await writeFile(join(this.path, 'key'), key, { flag: 'wx', mode: 0o640 })
  }

  /** The size of the part that came first is taken for the usual one. */
  async unit(first: number): Promise<number> {
    const file = join(this.path, 'unit')
    const known = await readFile(file, 'utf8').catch(undefinedWhenGone)
    if (known !== undefined && /^\d+$/.test(known)) return Number(known)
    await writeFile(file, String(first))
    return first
  }

  /** In the order of their numbers. */
  async arrived(): Promise<ArrivedPart[]> {
    const parts: ArrivedPart[] = []
    for (const name of (await readdir(this.path).catch(undefinedWhenGone)) ?? []) {
      const [, number, bytes, kind] = /^(\d+)\.(\d+)\.(data|own)$/.exec(name) ?? []
      if (kind === 'data' || kind === 'own') parts.push({ number: Number(number), bytes: Number(bytes), kind })
    }
    return parts.toSorted((a, b) => a.number - b.number)
  }

  async writeInData(offset: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const handle = await open(join(this.path, 'data'), 'r+')
    try {
      await writeAt(handle, offset, chunks)
      await handle.datasync()
    } finally {
      await handle.close()
    }
  }

  /** The name of a file that does not count yet; nothing is left when the chunks break off. */
  async writeOwn(chunks: AsyncIterable<Uint8Array>): Promise<string> {
    const file = join(this.path, `writing-${randomUUID()}`)
    try {
      await writeSynced(file, chunks)
      return file
    } catch (error) {
      await rm(file, { force: true })
      throw error
    }
  }

  /** From now on the part has arrived, in place of an earlier one. `own`: the file with its bytes. */
  async count(part: PartSize, own: string | undefined): Promise<void> {
    for (const earlier of await this.arrived()) if (earlier.number === part.number) await this.drop(earlier)
    const file = this.#fileOf({ ...part, kind: own === undefined ? 'data' : 'own' })
    await (own === undefined ? writeFile(file, '', { flag: 'wx' }) : rename(own, file))
  }

  async drop(part: ArrivedPart): Promise<void> {
    await rm(this.#fileOf(part), { force: true })
  }

  /** Whether `data` has everything at its place, but for what lies in files of its own. */
  async liesInPlace(parts: readonly ArrivedPart[]): Promise<boolean> {
    const unit = await this.unit(0)
    return placed(parts).every(({ kind, number, offset }) => kind === 'own' || offset === (number - 1) * unit)
  }

  /** For parts that lie in place. The file that has become the object’s content. */
  async fillData(parts: readonly ArrivedPart[]): Promise<string> {
    const file = join(this.path, 'data')
    const handle = await open(file, 'r+')
    try {
      for (const part of placed(parts)) {
        if (part.kind === 'own') await writeAt(handle, part.offset, createReadStream(this.#fileOf(part)))
      }
      await handle.truncate(parts.reduce((sum, { bytes }) => sum + bytes, 0))
      await handle.sync()
    } finally {
      await handle.close()
    }
    return file
  }

  /** For parts that do not lie in place. */
  async *content(parts: readonly ArrivedPart[]): AsyncGenerator<Uint8Array, void> {
    const unit = await this.unit(0)
    for (const part of parts) {
      if (part.bytes === 0) continue
      const start = part.kind === 'own' ? 0 : (part.number - 1) * unit
      const file = part.kind === 'own' ? this.#fileOf(part) : join(this.path, 'data')
      yield* createReadStream(file, { start, end: start + part.bytes - 1, highWaterMark: CHUNK_BYTES })
    }
  }

  #fileOf({ number, bytes, kind }: ArrivedPart): string {
    return join(this.path, `${number}.${bytes}.${kind}`)
  }
}

function placed(parts: readonly ArrivedPart[]): (ArrivedPart & { offset: number })[] {
  let offset = 0
  return parts.map((part) => {
    const at = offset
    offset += part.bytes
    return { ...part, offset: at }
  })
}
