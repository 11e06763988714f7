/** GGUF's primitive values, read by parts in the file's own byte order; every announced length is held against the file. */
import { ByteCursor } from './byte-cursor.ts'
import type { RangedFile } from './ranged-file.ts'

/** The file says something that no sound file says. */
export class BrokenGguf extends Error {
  readonly rule: string
  readonly offset: number
  constructor(rule: string, offset: number, message: string) {
    super(message)
    this.rule = rule
    this.offset = offset
  }
}

export class GgufReader {
  readonly #cursor: ByteCursor
  readonly #bigEndian: boolean
  /** Version 1 counts and measures in 32 bits, later ones in 64. */
  readonly #wideSizes: boolean

  constructor(file: RangedFile, start: number, version: { number: number; bigEndian: boolean }) {
    this.#cursor = new ByteCursor(file, start)
    this.#bigEndian = version.bigEndian
    this.#wideSizes = version.number >= 2
  }

  get position(): number {
    return this.#cursor.position
  }

  get remaining(): number {
    return this.#cursor.remaining
  }

  skip(bytes: number): void {
    this.#cursor.skip(bytes)
  }

  async take(bytes: number): Promise<Buffer> {
    return this.#cursor.takeBuffered(bytes) ?? (await this.#cursor.take(bytes))
  }

  async u32(): Promise<number> {
    const bytes = await this.take(4)
    return this.#bigEndian ? bytes.readUInt32BE() : bytes.readUInt32LE()
  }

  async u64(): Promise<bigint> {
    const bytes = await this.take(8)
    return this.#bigEndian ? bytes.readBigUInt64BE() : bytes.readBigUInt64LE()
  }

  /** A count or a length. */
  async size(): Promise<bigint> {
    return this.#wideSizes ? this.u64() : BigInt(await this.u32())
  }

  get sizeBytes(): 4 | 8 {
    return this.#wideSizes ? 8 : 4
  }

  /** The length of something whose bytes follow; what cannot be in the file is said at once. */
  async length(what: string, bytesEach = 1): Promise<number> {
    const offset = this.position
    const count = await this.size()
    if (count * BigInt(bytesEach) > BigInt(this.remaining)) throw this.#tooLong(what, offset, count)
    return Number(count)
  }

  /** Steps over texts one after the other, without a promise for each. */
  async skipTexts(count: number, limit: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      if (this.position > limit) return
      const prefix = this.#cursor.takeBuffered(this.sizeBytes)
      const bytes = prefix === undefined ? await this.length('a text') : this.#sizeOf(prefix)
      if (bytes > this.remaining) throw this.#tooLong('a text', this.position, bytes)
      this.#cursor.skip(bytes)
    }
  }

  number(type: NumberType, bytes: Buffer): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const little = !this.#bigEndian
    switch (type) {
      case 'u8':
        return view.getUint8(0)
      case 'i8':
        return view.getInt8(0)
      case 'u16':
        return view.getUint16(0, little)
      case 'i16':
        return view.getInt16(0, little)
      case 'u32':
        return view.getUint32(0, little)
      case 'i32':
        return view.getInt32(0, little)
      case 'f32':
        return view.getFloat32(0, little)
      case 'u64':
        return Number(view.getBigUint64(0, little))
      case 'i64':
        return Number(view.getBigInt64(0, little))
      case 'f64':
        return view.getFloat64(0, little)
    }
  }

  #tooLong(what: string, offset: number, count: number | bigint): BrokenGguf {
    const left = this.remaining.toLocaleString('en')
    return new BrokenGguf(
      'gguf-length-invalid',
      offset,
      `${what} that announces a length of ${count.toLocaleString('en')}, and only ${left} bytes follow`,
    )
  }

  #sizeOf(bytes: Buffer): number {
    if (!this.#wideSizes) return this.#bigEndian ? bytes.readUInt32BE() : bytes.readUInt32LE()
    return Number(this.#bigEndian ? bytes.readBigUInt64BE() : bytes.readBigUInt64LE())
  }
}

export type NumberType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'f32' | 'u64' | 'i64' | 'f64'

export const numberBytes: Readonly<Record<NumberType, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
}
