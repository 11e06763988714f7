/** Walks through a ranged file from front to back with few reads: parsers ask for bytes, payloads are stepped over. */
import type { RangedFile } from './ranged-file.ts'

const WINDOW_BYTES = 128 * 1024

/** The file ended inside something that was announced as longer. */
export class EndOfFile extends Error {
  readonly offset: number
  constructor(offset: number) {
    super(`the file ends at byte ${offset}, in the middle of a value`)
    this.offset = offset
  }
}

export class ByteCursor {
  readonly #file: RangedFile
  #window: Buffer = Buffer.alloc(0)
  #windowStart: number
  #position: number

  constructor(file: RangedFile, start = 0) {
    this.#file = file
    this.#windowStart = start
    this.#position = start
  }

  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.#file.bytes - this.#position
  }

  /** The next byte if it is already in memory: spares a promise per opcode. */
  nextBuffered(): number | undefined {
    const byte = this.#window[this.#position - this.#windowStart]
    if (byte !== undefined) this.#position++
    return byte
  }

  /** The next `length` bytes if all of them are already in memory: spares a promise per value. */
  takeBuffered(length: number): Buffer | undefined {
    const from = this.#position - this.#windowStart
    if (from < 0 || from + length > this.#window.length) return undefined
    this.#position += length
    return this.#window.subarray(from, from + length)
  }

  /** Undefined at the end of the file. */
  async next(): Promise<number | undefined> {
    if (this.remaining <= 0) return undefined
    await this.#load(1)
    return this.nextBuffered()
  }

  /** The next `length` bytes; throws EndOfFile. Meant for short values: see `skip`. */
  async take(length: number): Promise<Buffer> {
    if (length > this.remaining) throw new EndOfFile(this.#file.bytes)
    await this.#load(length)
    const from = this.#position - this.#windowStart
    this.#position += length
    return this.#window.subarray(from, from + length)
  }

  /** Steps over `length` bytes without reading them; throws EndOfFile. */
  skip(length: number): void {
    if (length > this.remaining) throw new EndOfFile(this.#file.bytes)
    this.#position += length
  }

  /**
   * Consumes up to and with the next line feed; answers the line without it, its first `keep` bytes. As Python does, it
   * takes the last byte of the file for the line feed of a line that has none. Throws EndOfFile where nothing is left.
   */
  async line(keep: number): Promise<{ head: Buffer; bytes: number }> {
    let head = Buffer.alloc(0)
    let bytes = 0
    for (;;) {
      if (this.remaining <= 0) {
        if (bytes === 0) throw new EndOfFile(this.#position)
        return { head: head.subarray(0, bytes - 1), bytes: bytes - 1 }
      }
      await this.#load(1)
      const rest = this.#window.subarray(this.#position - this.#windowStart)
      const end = rest.indexOf(0x0a)
      const part = end < 0 ? rest : rest.subarray(0, end)
      if (head.length < keep) head = Buffer.concat([head, part.subarray(0, keep - head.length)])
      bytes += part.length
      this.#position += end < 0 ? rest.length : end + 1
      if (end >= 0) return { head, bytes }
    }
  }

  async #load(length: number): Promise<void> {
    const from = this.#position - this.#windowStart
    if (from >= 0 && from + length <= this.#window.length) return
    const bytes = await this.#file.read(this.#position, Math.max(length, WINDOW_BYTES))
    if (bytes.length < length) throw new EndOfFile(this.#position + bytes.length)
    this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#windowStart = this.#position
  }
}
