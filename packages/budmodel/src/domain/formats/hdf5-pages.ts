/** Random access to an HDF5 file's small structures with few reads: the last pages stay in memory. */
import type { RangedFile } from './ranged-file.ts'

const PAGE_BYTES = 64 * 1024
const MAX_PAGES = 64

/** The structure cannot be followed from here on. */
export class BrokenHdf5 extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

export class Hdf5Pages {
  readonly #file: RangedFile
  readonly #pages = new Map<number, Buffer>()
  /** Where the superblock lies: addresses count from there. */
  readonly base: number
  /** Bytes of an address and of a length. */
  addressBytes: 2 | 4 | 8 = 8
  lengthBytes: 2 | 4 | 8 = 8

  constructor(file: RangedFile, base: number) {
    this.#file = file
    this.base = base
  }

  /** `address` counts from the superblock. Throws BrokenHdf5 when the file does not have all of it. */
  async read(address: number, bytes: number): Promise<Buffer> {
    const start = this.base + address
    if (start + bytes > this.#file.bytes || address < 0)
      throw new BrokenHdf5(start, `points to byte ${start + bytes} of ${this.#file.bytes}`)
    if (bytes > PAGE_BYTES) return Buffer.from(await this.#file.read(start, bytes))
    const first = Math.floor(start / PAGE_BYTES)
    const last = Math.floor((start + bytes - 1) / PAGE_BYTES)
    const page = await this.#page(first)
    const from = start - first * PAGE_BYTES
    if (first === last || bytes === 0) return page.subarray(from, from + bytes)
    return Buffer.concat([page.subarray(from), await this.#page(last)]).subarray(0, bytes)
  }

  /** An address at `at` of `bytes`; undefined for HDF5's "undefined address" (all ones). */
  address(bytes: Buffer, at: number): number | undefined {
    return this.#number(bytes, at, this.addressBytes, true)
  }

  length(bytes: Buffer, at: number): number {
    return this.#number(bytes, at, this.lengthBytes, false) ?? 0
  }

  #number(bytes: Buffer, at: number, width: 2 | 4 | 8, isAddress: boolean): number | undefined {
    if (at + width > bytes.length) throw new BrokenHdf5(this.base, 'has a message that is cut short')
    if (isAddress && bytes.subarray(at, at + width).every((byte) => byte === 0xff)) return undefined
    return width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, width)
  }

  async #page(number: number): Promise<Buffer> {
    const known = this.#pages.get(number)
    if (known) return known
    const page = Buffer.from(await this.#file.read(number * PAGE_BYTES, PAGE_BYTES))
    if (this.#pages.size >= MAX_PAGES) {
      const [oldest] = this.#pages.keys()
      if (oldest !== undefined) this.#pages.delete(oldest)
    }
    this.#pages.set(number, page)
    return page
  }
}
