/** A place whose connections break where a test says. */
import { Readable } from 'node:stream'
import { failed, notFound } from '@bud/kernel'
import type { SourceListing, SourcePlace } from '../ports.ts'

/** Applied to one opening of a file each, in turn; the openings after the last one are sound. */
export type Trouble =
  /** The connection is reset before byte `at`. */
  | { cut: number }
  /** It ends before byte `at` as if that were all. */
  | { end: number }
  /** The opening itself is rejected. */
  | { reject: Error }
  /** From now on the file is this one. */
  | { change: Uint8Array }
  /** Never answers. */
  | 'hangs'
  /** Answers with `at` bytes, then nothing more comes. */
  | { stall: number }

const PIECE = 7

export class FakePlace implements SourcePlace {
  readonly pinned = 'fake://place'
  /** Every opening: path and start. */
  readonly opened: [string, number][] = []
  readonly #files: Map<string, Uint8Array>
  readonly #troubles: Map<string, Trouble[]>
  readonly #changed = new Set<string>()
  readonly #open = new Set<Readable>()

  constructor(files: Record<string, Uint8Array | string>, troubles: Record<string, readonly Trouble[]> = {}) {
    this.#files = new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]))
    this.#troubles = new Map(Object.entries(troubles).map(([path, list]) => [path, [...list]]))
  }

  /** Streams that are neither read to their end nor destroyed. */
  get streamsOpen(): number {
    return [...this.#open].filter((stream) => !stream.destroyed).length
  }

  async list(): Promise<SourceListing> {
    const files = [...this.#files].map(([path, content]) => ({ path, bytes: content.length }))
    return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), refused: [] }
  }

  async open(path: string, start = 0): Promise<Readable> {
    this.opened.push([path, start])
    const trouble = this.#troubles.get(path)?.shift()
    if (trouble === 'hangs') return new Promise(() => {})
    if (trouble && 'reject' in trouble) throw trouble.reject
    if (trouble && 'change' in trouble) {
      this.#files.set(path, trouble.change)
      this.#changed.add(path)
    }
    const content = this.#files.get(path)
    if (!content) throw notFound('file', path)
    if (start > 0 && this.#changed.has(path))
      throw failed(`${path} changed.`, [{ code: 'source-changed', message: '' }])
    const stream = streamOf(content, start, trouble)
    this.#open.add(stream)
    return stream
  }
}

function streamOf(content: Uint8Array, start: number, trouble: Trouble | undefined): Readable {
  const told = typeof trouble === 'object' ? { cut: Infinity, end: Infinity, stall: Infinity, ...trouble } : undefined
  const end = told ? Math.min(told.cut, told.end, told.stall, content.length) : content.length
  let at = start
  return new Readable({
    read() {
      if (at < end) {
        const next = Math.min(at + PIECE, end)
        this.push(content.subarray(at, next))
        at = next
      } else if (told && told.cut <= end) {
        this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
      } else if (!told || told.stall > end) {
        this.push(null)
      }
    },
  })
}
