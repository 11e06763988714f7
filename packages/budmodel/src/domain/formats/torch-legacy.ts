/**
 * torch's format before 1.6: five pickles (magic number, version, system, object, keys of storages), then each storage as
 * a count of elements (i64, little-endian) and the elements. Source: torch/serialization.py, `_legacy_load`.
 */
import { ByteCursor, EndOfFile } from './byte-cursor.ts'
import type { PickleGlobal } from './pickle-machine.ts'
import type { PickleWalk } from './pickle-walk.ts'
import type { RangedFile } from './ranged-file.ts'

const MAGIC = 0x1950a86a20f9469cfc6cn
const PICKLES = 5
/** Each costs a read. */
const MAX_STORAGES = 20_000
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  DoubleStorage: 8,
  FloatStorage: 4,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16,
  QUInt8Storage: 1,
  QInt8Storage: 1,
  QInt32Storage: 4,
  QUInt4x2Storage: 1,
  QUInt2x4Storage: 1,
  UntypedStorage: 1,
  _UntypedStorage: 1,
}

/** True for the first pickle of such a file. */
export const beginsLegacyTorch = ({ firstNumber }: Pick<PickleWalk, 'firstNumber'>): boolean => firstNumber === MAGIC

/** The pickles that torch reads, if `walks` begins with them. */
export function legacyPickles(walks: readonly PickleWalk[]): readonly PickleWalk[] | undefined {
  const [first] = walks
  return first && beginsLegacyTorch(first) && walks.length >= PICKLES ? walks.slice(0, PICKLES) : undefined
}

/** Where the storages end that the five pickles announce; undefined where the file holds something else. */
export async function endOfStorages(file: RangedFile, pickles: readonly PickleWalk[]): Promise<number | undefined> {
  const [object, keys] = pickles.slice(-2)
  if (!object || !keys || keys.texts.length > MAX_STORAGES) return undefined
  const cursor = new ByteCursor(file, keys.end)
  try {
    for (const key of keys.texts) {
      const size = elementBytes(object.storages.get(key))
      if (size === undefined) return undefined
      const elements = (await cursor.take(8)).readBigInt64LE()
      if (elements < 0n || elements * BigInt(size) > BigInt(cursor.remaining)) return undefined
      cursor.skip(Number(elements) * size)
    }
  } catch (error) {
    if (error instanceof EndOfFile) return undefined
    throw error
  }
  return cursor.position
}

function elementBytes(type: PickleGlobal | undefined): number | undefined {
  const isTorch = type?.module !== undefined && /^torch(\.cuda|\.storage)?$/.test(type.module)
  return isTorch && type.name !== undefined && Object.hasOwn(ELEMENT_BYTES, type.name)
    ? ELEMENT_BYTES[type.name]
    : undefined
}
