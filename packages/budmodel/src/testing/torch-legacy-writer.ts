/** Writes torch's format of before 1.6: five pickles and the storages. */
import { pickleOp as p, pickleOf } from './pickle-writer.ts'

/** The first pickle, by which torch knows the format. */
const legacyMagic = pickleOf(p.proto(2), p.long1(Buffer.from('6cfc9c46f9206aa85019', 'hex')), p.stop())

export interface LegacyTorch {
  magic?: Uint8Array
  version?: Uint8Array
  system?: Uint8Array
  object: Uint8Array
  /** Instead of the list of the storages' keys. */
  keys?: Uint8Array
  storages?: { key: string; elements: number; content: Uint8Array }[]
}

export function legacyTorchOf({ storages = [], ...pickles }: LegacyTorch): Buffer {
  const keys = storages.flatMap(({ key }) => [p.text(key)])
  return Buffer.concat([
    pickles.magic ?? legacyMagic,
    pickles.version ?? pickleOf(p.proto(2), p.int(1001), p.stop()),
    pickles.system ?? pickleOf(p.proto(2), p.emptyDict(), p.stop()),
    pickles.object,
    pickles.keys ?? pickleOf(p.proto(2), p.emptyList(), p.binPut(0), p.mark(), ...keys, Buffer.of(0x65), p.stop()),
    ...storages.flatMap(({ elements, content }) => [countOf(elements), content]),
  ])
}

function countOf(elements: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(elements))
  return bytes
}
