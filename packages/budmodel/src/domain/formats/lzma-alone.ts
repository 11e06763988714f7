/**
 * Knows lzma's format of before xz, which has no signature: properties, the dictionary's size, the content's size (all
 * ones: not known), and what is packed. Source: liblzma, alone_decoder.c (picky) and rc_decoder.
 */

const HEADER_BYTES = 13
/** Of the properties that all programs write, and the lowest byte of a dictionary's size: what joblib goes by. */
const PREFIX = [0x5d, 0x00]
const MAX_CONTENT_BYTES = 2n ** 38n

/** `head`: at least the first 20 bytes where the file has them. */
export function looksLikeLzma(head: Uint8Array): boolean {
  if (head.length < HEADER_BYTES + 5 || !PREFIX.every((byte, i) => head[i] === byte)) return false
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const bytes = view.getBigUint64(5, true)
  if (!isDictionarySize(view.getUint32(1, true)) || head[HEADER_BYTES] !== 0) return false
  if (bytes === 2n ** 64n - 1n) return true
  // Lists of small numbers could begin so; they unpack to a zero, as no pickle and no archive does.
  return bytes > 0n && bytes < MAX_CONTENT_BYTES && (firstByte(head.subarray(HEADER_BYTES + 1)) ?? 0) !== 0
}

/** Nothing, 2^n or 2^n + 2^(n-1). */
function isDictionarySize(size: number): boolean {
  const ones = size.toString(2).replace(/0+$/, '')
  return ones === '' || ones === '1' || ones === '11' || size === 2 ** 32 - 1
}

/** The first byte that is unpacked: a literal, as it must be. */
function firstByte(packed: Uint8Array): number | undefined {
  let range = 2 ** 32 - 1
  let at = 4
  let code = Buffer.from(packed.subarray(0, 4)).readUInt32BE()
  const bit = (): number => {
    if (range < 2 ** 24) {
      range *= 256
      code = code * 256 + (packed[at++] ?? 0)
    }
    const half = Math.floor(range / 2 ** 11) * 2 ** 10
    if (code < half) {
      range = half
      return 0
    }
    range -= half
    code -= half
    return 1
  }
  if (bit() === 1) return undefined
  let byte = 1
  while (byte < 256) byte = byte * 2 + bit()
  return byte - 256
}
