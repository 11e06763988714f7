/** Damages sound files the way attackers and bad disks do: numbers at their limits, parts cut, doubled and exchanged. */
import fc from 'fast-check'
import type { RangedFile } from '../domain/formats/ranged-file.ts'

const LIMITS = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
]

type Damage = (content: Buffer) => Buffer

const damage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)).map(setByte) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(1, 2, 4, 8),
        fc.oneof(fc.constantFrom(...LIMITS), fc.bigInt({ min: 0n, max: 2000n })),
        fc.boolean(),
      )
      .map(setNumber),
  },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }).map(cut) },
  { weight: 1, arbitrary: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(64)).map(remove) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(600))
      .map(copy),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 64 }).map(
      (more): Damage =>
        (content) =>
          Buffer.concat([content, more]),
    ),
  },
)

/** One of the `sound` files with up to five things wrong. */
export const damaged = (...sound: readonly Buffer[]): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.constantFrom(...sound), fc.array(damage, { maxLength: 5 }))
    .map(([content, damages]) => damages.reduce<Buffer>((result, apply) => apply(result), Buffer.from(content)))

/** Counts what is read, so that a test can say how much that may be. */
export function countingFile(path: string, content: Uint8Array): { file: RangedFile; bytesRead: () => number } {
  let bytesRead = 0
  const file: RangedFile = {
    path,
    bytes: content.length,
    async read(offset, length) {
      const bytes = content.subarray(offset, Math.max(offset, offset + length))
      bytesRead += bytes.length
      return bytes
    },
  }
  return { file, bytesRead: () => bytesRead }
}

const placeIn = (content: Buffer, share: number): number => Math.floor(share * Math.max(0, content.length - 1))

function setByte([share, value]: [number, number]): Damage {
  return (content) => {
    if (content.length > 0) content[placeIn(content, share)] = value
    return content
  }
}

function setNumber([share, width, value, bigEndian]: [number, number, bigint, boolean]): Damage {
  return (content) => {
    if (content.length < 8) return content
    const at = Math.min(placeIn(content, share), content.length - 8)
    const bytes = Buffer.alloc(8)
    if (bigEndian) bytes.writeBigUInt64BE(BigInt.asUintN(64, value << BigInt(64 - 8 * width)))
    else bytes.writeBigUInt64LE(value)
    bytes.copy(content, at, 0, width)
    return content
  }
}

function cut(share: number): Damage {
  return (content) => content.subarray(0, placeIn(content, share))
}

function remove([share, bytes]: [number, number]): Damage {
  return (content) => {
    const at = placeIn(content, share)
    return Buffer.concat([content.subarray(0, at), content.subarray(at + bytes)])
  }
}

function copy([from, to, bytes]: [number, number, number]): Damage {
  return (content) => {
    const part = content.subarray(placeIn(content, from), placeIn(content, from) + bytes)
    const at = placeIn(content, to)
    return Buffer.concat([content.subarray(0, at), part, content.subarray(at)])
  }
}
