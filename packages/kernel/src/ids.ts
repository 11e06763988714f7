/** Ids are `<kind>-<26 lower-case base32>`: sortable by time, valid in DNS labels. */

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_LENGTH = 10
const RANDOM_LENGTH = 16

export type IdKind =
  | 'model'
  | 'mver'
  | 'cluster'
  | 'opt'
  | 'appr'
  | 'ep'
  | 'op'
  | 'route'
  | 'key'
  | 'alert'
  | 'upload'
  | 'usage'
  | 'run'
  | 'obs'

/** A new id: 10 characters of `nowMs`, 16 random ones (80 bits). */
export function createId(kind: IdKind, nowMs: number = Date.now()): string {
  return `${kind}-${encodeTime(nowMs)}${encodeRandom(crypto.getRandomValues(new Uint8Array(RANDOM_LENGTH)))}`
}

/** The same id for the same bytes: for things that exist by content, such as catalogue entries (≥ 26 bytes, a hash). */
export function idFromBytes(kind: IdKind, bytes: Uint8Array): string {
  if (bytes.length < TIME_LENGTH + RANDOM_LENGTH) throw new RangeError('idFromBytes needs at least 26 bytes')
  return `${kind}-${encodeRandom(bytes.subarray(0, TIME_LENGTH + RANDOM_LENGTH))}`
}

export const isId = (kind: IdKind, value: string): boolean =>
  value.startsWith(`${kind}-`) && /^[0-9a-hjkmnp-tv-z]{26}$/.test(value.slice(kind.length + 1))

function encodeTime(ms: number): string {
  let rest = ms
  let text = ''
  for (let i = 0; i < TIME_LENGTH; i++) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

const encodeRandom = (bytes: Uint8Array): string => Array.from(bytes, (byte) => ALPHABET.charAt(byte % 32)).join('')
