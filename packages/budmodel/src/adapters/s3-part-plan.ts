/** How a stream of unknown length is cut into parts: S3 takes at most 10,000 of them, together at most 5 TiB. */

export const MIB = 1024 * 1024
const FIRST_PART_BYTES = 16 * MIB
const BYTES_IN_FLIGHT = 48 * MIB

/**
 * Small parts as long as that is possible, since each is held in memory: files of up to 46 GiB have parts of 16 MiB
 * alone, those of up to 203 GiB none above 64 MiB. All of it holds 5.1 TiB.
 */
const SIZES: readonly { upTo: number; bytes: number }[] = [
  { upTo: 3000, bytes: FIRST_PART_BYTES },
  { upTo: 5500, bytes: 64 * MIB },
  { upTo: 7000, bytes: 256 * MIB },
]
const LAST_PARTS_BYTES = 1568 * MIB

/** Size of part `number`, from 1. */
export const partBytes = (number: number): number => SIZES.find(({ upTo }) => number <= upTo)?.bytes ?? LAST_PARTS_BYTES

/** How many parts of that size may be under way at once. */
export const partsInFlight = (bytes: number): number => Math.max(1, Math.floor(BYTES_IN_FLIGHT / bytes))

/** Parts of the first size go round, so that a long upload does not ask for new memory with every part. */
export class PartBuffers {
  readonly #free: Buffer[] = []
  #users = 0

  /** While nobody writes, nothing is kept. */
  async using<T>(body: () => Promise<T>): Promise<T> {
    this.#users++
    try {
      return await body()
    } finally {
      if (--this.#users === 0) this.#free.length = 0
    }
  }

  take(bytes: number): Buffer {
    return (bytes === FIRST_PART_BYTES ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(bytes)
  }

  /** Only when no request reads from it any more. */
  give(buffer: Buffer): void {
    if (buffer.length === FIRST_PART_BYTES) this.#free.push(buffer)
  }
}
