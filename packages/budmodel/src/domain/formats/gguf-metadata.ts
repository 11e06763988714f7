/** GGUF's key-value pairs: vocabularies of a hundred megabytes are walked, not kept. */
import { BrokenGguf, type GgufReader, type NumberType, numberBytes } from './gguf-reader.ts'

export type GgufValue =
  | { kind: 'number'; value: number }
  | { kind: 'boolean'; value: boolean }
  /** `value` is kept of short texts only; any of them can be read again at `start`. */
  | { kind: 'text'; start: number; bytes: number; value: string | undefined }
  /** `numbers` are kept of short lists only (truth values as 0 and 1). Lists of texts start at `start`. */
  | { kind: 'list'; of: NumberType | 'text'; count: number; start: number; numbers: number[] | undefined }

const MAX_PAIRS = 10_000
const MAX_METADATA_BYTES = 256 * 1024 * 1024
const MAX_KEY_BYTES = 65_535
const MAX_KEPT_TEXT_BYTES = 4096
const MAX_KEPT_NUMBERS = 4096
/** All that is kept of one file's metadata. */
const KEEP_BUDGET_BYTES = 8 * 1024 * 1024

const NUMBER_TYPES = new Map<number, NumberType>([
  [0, 'u8'],
  [1, 'i8'],
  [2, 'u16'],
  [3, 'i16'],
  [4, 'u32'],
  [5, 'i32'],
  [6, 'f32'],
  [10, 'u64'],
  [11, 'i64'],
  [12, 'f64'],
])
const BOOLEAN = 7
const TEXT = 8
const LIST = 9

/** Throws BrokenGguf and EndOfFile. */
export async function readMetadata(reader: GgufReader, count: bigint): Promise<Map<string, GgufValue>> {
  const start = reader.position
  // A pair takes at least a key's length, one letter, a type and a value.
  if (count > MAX_PAIRS || count * BigInt(reader.sizeBytes + 6) > BigInt(reader.remaining)) {
    throw new BrokenGguf(
      'gguf-header-invalid',
      16,
      `${count.toLocaleString('en')} key-value pairs, more than can be in it`,
    )
  }
  const pairs = new Map<string, GgufValue>()
  const keeper = { budget: KEEP_BUDGET_BYTES }
  for (let i = 0; i < Number(count); i++) {
    const offset = reader.position
    const key = await readKey(reader)
    if (pairs.has(key)) throw new BrokenGguf('gguf-duplicate-key', offset, `the key ${JSON.stringify(key)} twice`)
    pairs.set(key, await readValue(reader, key, keeper, start + MAX_METADATA_BYTES))
    if (reader.position - start > MAX_METADATA_BYTES) {
      throw new BrokenGguf('gguf-metadata-too-large', offset, `more than ${MAX_METADATA_BYTES} bytes of metadata`)
    }
  }
  return pairs
}

async function readKey(reader: GgufReader): Promise<string> {
  const offset = reader.position
  const bytes = await reader.length('a key')
  const key = bytes > 0 && bytes <= MAX_KEY_BYTES ? decode(await reader.take(bytes)) : undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (key === undefined || /[\u0000-\u001f\u007f]/.test(key)) {
    throw new BrokenGguf('gguf-metadata-invalid', offset, 'a key that is empty, too long or no text')
  }
  return key
}

type Keeper = { budget: number }

async function readValue(reader: GgufReader, key: string, keeper: Keeper, limit: number): Promise<GgufValue> {
  const offset = reader.position
  const type = await reader.u32()
  const numeric = NUMBER_TYPES.get(type)
  if (numeric) return { kind: 'number', value: reader.number(numeric, await reader.take(numberBytes[numeric])) }
  switch (type) {
    case BOOLEAN: {
      const [byte] = await reader.take(1)
      if (byte === 0 || byte === 1) return { kind: 'boolean', value: byte === 1 }
      throw new BrokenGguf('gguf-metadata-invalid', offset, `a truth value of ${byte} under ${JSON.stringify(key)}`)
    }
    case TEXT:
      return readText(reader, keeper)
    case LIST:
      return readList(reader, key, keeper, limit)
    default:
      throw new BrokenGguf(
        'gguf-metadata-invalid',
        offset,
        `a value of unknown type ${type} under ${JSON.stringify(key)}`,
      )
  }
}

async function readText(reader: GgufReader, keeper: Keeper): Promise<GgufValue> {
  const bytes = await reader.length('a text')
  const start = reader.position
  if (bytes > MAX_KEPT_TEXT_BYTES || bytes > keeper.budget) {
    reader.skip(bytes)
    return { kind: 'text', start, bytes, value: undefined }
  }
  keeper.budget -= bytes
  return { kind: 'text', start, bytes, value: (await reader.take(bytes)).toString('utf8') }
}

async function readList(reader: GgufReader, key: string, keeper: Keeper, limit: number): Promise<GgufValue> {
  const offset = reader.position
  const type = await reader.u32()
  const numeric = type === BOOLEAN ? 'u8' : NUMBER_TYPES.get(type)
  if (numeric) {
    const width = numberBytes[numeric]
    const count = await reader.length('a list', width)
    const start = reader.position
    const kept = count <= MAX_KEPT_NUMBERS && count * 8 <= keeper.budget
    if (!kept) {
      reader.skip(count * width)
      return { kind: 'list', of: numeric, count, start, numbers: undefined }
    }
    keeper.budget -= count * 8
    const bytes = Buffer.from(await reader.take(count * width))
    const numbers = Array.from({ length: count }, (_, i) =>
      reader.number(numeric, bytes.subarray(i * width, (i + 1) * width)),
    )
    return { kind: 'list', of: numeric, count, start, numbers }
  }
  if (type === TEXT) {
    const count = await reader.length('a list', reader.sizeBytes)
    const start = reader.position
    await reader.skipTexts(count, limit)
    return { kind: 'list', of: 'text', count, start, numbers: undefined }
  }
  throw new BrokenGguf(
    'gguf-metadata-invalid',
    offset,
    type === LIST
      ? `lists in a list under ${JSON.stringify(key)}, which engines refuse`
      : `a list of unknown type ${type} under ${JSON.stringify(key)}`,
  )
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
