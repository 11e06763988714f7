/** Which names an artifact store takes, whatever keeps the bytes. */
import { type BudError, conflict, invalidInput } from '@bud/kernel'
import { oddPathReason, printable } from '../domain/file-path.ts'

/** Folders in which stores keep what is not complete yet. */
export const INCOMING = '.incoming'
export const UNFINISHED = '.unfinished'
/** An object by which a server shows whether it heeds conditions on writes. */
export const CONDITIONS = '.conditions'
const RESERVED: readonly string[] = [INCOMING, UNFINISHED, CONDITIONS]

/** S3's own limits, kept everywhere, so that a client need not know where its parts go. */
const MAX_PARTS = 10_000
const MAX_PART_BYTES = 5 * 1024 ** 3

export function requireKey(key: string): void {
  const reason = oddPathReason(key) ?? (RESERVED.includes(key.split('/')[0] ?? '') ? 'is reserved' : undefined)
  if (reason) throw invalidInput(`The file name "${printable(key)}" cannot be used: it ${reason}.`)
}

export function requirePart({ number, bytes }: { number: number; bytes: number }): void {
  requirePartNumber(number)
  if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > MAX_PART_BYTES) {
    throw invalidInput(`A part has 0 to ${MAX_PART_BYTES.toLocaleString('en')} bytes, not ${bytes}.`)
  }
}

export function requirePartNumber(number: number): void {
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw invalidInput(`Parts are numbered from 1 to ${MAX_PARTS.toLocaleString('en')}; ${number} is none of them.`)
  }
}

export function requirePartCount(count: number): void {
  if (count !== 0) requirePartNumber(count)
}

/** Which of 1…`count` are not in `arrived`, as an error; undefined when all are. */
export function missingParts(key: string, arrived: ReadonlySet<number>, count: number): BudError | undefined {
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((number) => !arrived.has(number))
  if (missing.length === 0) return undefined
  const shown = missing.slice(0, 10).join(', ')
  const more = missing.length > 10 ? ` and ${missing.length - 10} more` : ''
  return conflict(`"${printable(key)}" is not complete: of ${count} parts, missing ${shown}${more}. Send them again.`)
}

/** Passes on what comes when it is exactly `bytes` long; rejects as soon as it is not. */
export async function* exactly(
  content: AsyncIterable<Uint8Array>,
  bytes: number,
  number: number,
): AsyncGenerator<Uint8Array, void> {
  let passed = 0
  for await (const chunk of content) {
    passed += chunk.length
    if (passed > bytes) throw invalidInput(`Part ${number} has more than the ${bytes} bytes that were announced.`)
    yield chunk
  }
  if (passed < bytes) throw invalidInput(`Part ${number} ended after ${passed} of ${bytes} bytes. Send it again.`)
}

export const storedAlready = (key: string): BudError =>
  conflict(`"${printable(key)}" is stored already; stored files never change.`)
