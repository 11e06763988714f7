/** Finds fixed byte strings in a stream of chunks, also where one lies across a border between chunks. */
import { type Finding, finding } from './scan-report.ts'

interface Signature {
  rule: string
  message: string
  bytes: Buffer
}

/** The EICAR test string, put together here so that this file is not itself found by virus scanners. */
export const eicarTestString = [
  'X5O!P%@AP[4',
  '\\PZX54(P^)7CC)7}$',
  'EICAR-STANDARD-',
  'ANTIVIRUS-TEST-FILE!$H+H*',
].join('')

const SIGNATURES: readonly Signature[] = [
  {
    rule: 'eicar-test-file',
    message: 'Contains the EICAR anti-malware test string.',
    bytes: Buffer.from(eicarTestString, 'latin1'),
  },
]
const OVERLAP = Math.max(...SIGNATURES.map(({ bytes }) => bytes.length)) - 1
const MAX_FINDINGS_PER_SIGNATURE = 10

export class SignatureSearch {
  readonly #found = new Map<Signature, Finding[]>()
  #carry = Buffer.alloc(0)
  #seen = 0

  get bytesSeen(): number {
    return this.#seen
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const border = Buffer.concat([this.#carry, bytes.subarray(0, OVERLAP)])
    const borderStart = this.#seen - this.#carry.length
    this.#search(border, borderStart, this.#carry.length)
    this.#search(bytes, this.#seen, bytes.length)
    this.#seen += bytes.length
    this.#carry =
      bytes.length >= OVERLAP
        ? Buffer.from(bytes.subarray(bytes.length - OVERLAP))
        : Buffer.concat([this.#carry, bytes]).subarray(-OVERLAP)
  }

  findings(): Finding[] {
    return [...this.#found.values()].flat()
  }

  /** Reports what starts in the first `startsBefore` bytes: a border's second part is searched with its own chunk. */
  #search(bytes: Buffer, offset: number, startsBefore: number): void {
    for (const signature of SIGNATURES) {
      const found = this.#found.get(signature) ?? []
      let at = bytes.indexOf(signature.bytes)
      while (at >= 0 && at < startsBefore && found.length < MAX_FINDINGS_PER_SIGNATURE) {
        found.push(finding('block', signature.rule, signature.message, { offset: offset + at }))
        at = bytes.indexOf(signature.bytes, at + 1)
      }
      if (found.length > 0) this.#found.set(signature, found)
    }
  }
}
