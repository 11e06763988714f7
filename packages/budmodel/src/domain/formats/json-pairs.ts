/**
 * Finds `"key": "value"` pairs in any bytes, without knowing where a JSON document begins: every quote is tried as the
 * start of a key, so that stray quotes in binary data cannot hide a pair, and escapes are decoded as JSON decodes them.
 */
import type { RangedFile } from './ranged-file.ts'

export interface JsonPair {
  key: string
  /** Undefined when it is no text: an object, a number, null. */
  value: string | undefined
  /** Cut after 4 KiB; `isWhole` tells. */
  isWhole: boolean
  offset: number
}

const WINDOW_BYTES = 1024 * 1024
/** The longest pair that is followed: a key with every letter escaped, blanks, a value. */
const OVERLAP_BYTES = 16 * 1024
const MAX_BLANKS = 1024
const MAX_VALUE_BYTES = 4096
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Windows of the file, each with the start of the next one: `start` is where its bytes lie, `own` how many are new. */
export async function* windowsOf(file: RangedFile): AsyncGenerator<{ bytes: Buffer; start: number; own: number }> {
  for (let start = 0; start < file.bytes; start += WINDOW_BYTES) {
    const read = await file.read(start, WINDOW_BYTES + OVERLAP_BYTES)
    yield {
      bytes: Buffer.from(read.buffer, read.byteOffset, read.byteLength),
      start,
      own: Math.min(WINDOW_BYTES, read.byteLength),
    }
  }
}

export function* pairsIn(
  bytes: Buffer,
  start: number,
  own: number,
  keys: ReadonlySet<string>,
): Generator<JsonPair, void> {
  const longestKey = 2 + 6 * Math.max(...[...keys].map((key) => key.length))
  const firstLetters = new Set([BACKSLASH, ...[...keys].map((key) => key.charCodeAt(0))])
  for (let at = bytes.indexOf(QUOTE); at >= 0 && at < own; at = bytes.indexOf(QUOTE, at + 1)) {
    if (!firstLetters.has(bytes[at + 1] ?? 0)) continue
    const keyEnd = endOfText(bytes, at, longestKey)
    const key = keyEnd === undefined ? undefined : decode(bytes, at, keyEnd)
    if (keyEnd === undefined || key === undefined || !keys.has(key)) continue
    const colon = afterBlanks(bytes, keyEnd + 1)
    if (colon === undefined) {
      yield { key, value: undefined, isWhole: false, offset: start + at }
      continue
    }
    if (bytes[colon] !== 0x3a) continue
    const from = afterBlanks(bytes, colon + 1)
    yield { key, offset: start + at, ...(from === undefined ? CUT : valueAt(bytes, from)) }
  }
}

const CUT = { value: undefined, isWhole: false }

function valueAt(bytes: Buffer, from: number): { value: string | undefined; isWhole: boolean } {
  if (bytes[from] !== QUOTE) return { value: undefined, isWhole: true }
  const end = endOfText(bytes, from, MAX_VALUE_BYTES)
  if (end !== undefined) return { value: decode(bytes, from, end) ?? '', isWhole: true }
  return { value: bytes.toString('latin1', from + 1, from + MAX_VALUE_BYTES), isWhole: false }
}

/** The closing quote of the text that opens at `start`; undefined when it is further than `most` bytes. */
function endOfText(bytes: Buffer, start: number, most: number): number | undefined {
  const limit = Math.min(bytes.length, start + most)
  for (let at = start + 1; at < limit; at++) {
    if (bytes[at] === QUOTE) return at
    if (bytes[at] === BACKSLASH) at++
  }
  return undefined
}

/** Undefined after more blanks than anyone writes. */
function afterBlanks(bytes: Buffer, start: number): number | undefined {
  let at = start
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) {
    if (++at - start > MAX_BLANKS) return undefined
  }
  return at
}

/** As lenient as Python's reader: control characters may stand in a text. */
function decode(bytes: Buffer, start: number, end: number): string | undefined {
  const raw = bytes.toString('utf8', start + 1, end)
  if (!raw.includes('\\')) return raw
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code?: string, char = '') =>
    code === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }
