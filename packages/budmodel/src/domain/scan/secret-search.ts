/**
 * Finds credentials left in the texts of a model, as the file passes by in chunks. Files that do not begin like text
 * are not looked at (weights hold none that anyone could tell apart), nor is what lies packed inside of archives.
 */
import { type Finding, finding } from './scan-report.ts'
import { isPlaceholder, SECRET_RULES, type SecretRule } from './secret-rules.ts'

const HEAD_BYTES = 512
/** A match and what has to stand near it lie within so many bytes. */
const REACH = 2048
const MAX_FINDINGS_PER_RULE = 10
const MAX_TRIES = 10_000

type Kind = 'unknown' | 'text' | 'utf-16le' | 'utf-16be' | 'other'

export class SecretSearch {
  readonly #path: string
  readonly #found = new Map<string, Finding>()
  readonly #counts = new Map<string, number>()
  #kind: Kind = 'unknown'
  /** What has not been searched yet, and the end of what has. */
  #carry = Buffer.alloc(0)
  /** Where the carry begins in the file. */
  #start = 0
  #tries = 0
  #seen = 0

  constructor(path: string) {
    this.#path = path
  }

  get bytesSeen(): number {
    return this.#seen
  }

  push(chunk: Uint8Array): void {
    this.#seen += chunk.length
    if (this.#kind === 'other') return
    this.#carry = Buffer.concat([this.#carry, chunk])
    if (this.#kind === 'unknown' && this.#carry.length >= HEAD_BYTES) this.#kind = kindOf(this.#carry)
    if (this.#kind === 'other') this.#carry = Buffer.alloc(0)
    else if (this.#kind !== 'unknown' && this.#carry.length >= 8 * REACH) this.#search(false)
  }

  /** After the last chunk. */
  end(): Finding[] {
    if (this.#kind === 'unknown') this.#kind = kindOf(this.#carry)
    if (this.#kind !== 'other') this.#search(true)
    this.#carry = Buffer.alloc(0)
    return [...this.#found.values()].toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0))
  }

  #search(isLast: boolean): void {
    const scale = this.#kind === 'text' ? 1 : 2
    const text = scale === 1 ? this.#carry : narrowed(this.#carry, this.#kind === 'utf-16be' ? 1 : 0)
    // What begins near the end is searched again, with what follows it.
    const until = isLast ? text.length : text.length - REACH
    for (const rule of SECRET_RULES)
      for (const anchor of rule.anchors) this.#searchFor(rule, anchor, text, until, scale)
    if (isLast) return
    const kept = scale * Math.max(0, text.length - 2 * REACH)
    this.#start += kept
    this.#carry = Buffer.from(this.#carry.subarray(kept))
  }

  #searchFor(rule: SecretRule, anchor: string, text: Buffer, until: number, scale: number): void {
    let at = text.indexOf(anchor, 0, 'latin1')
    while (at >= 0 && at < until && this.#tries < MAX_TRIES) {
      if ((this.#counts.get(rule.rule) ?? 0) >= MAX_FINDINGS_PER_RULE) return
      this.#tries++
      const from = Math.max(0, at - (rule.before ?? 8))
      const window = text.toString('latin1', from, at + 600)
      for (const match of window.matchAll(rule.pattern)) {
        const begin = from + match.index
        const covers = begin <= at && at < begin + match[0].length
        if (covers) this.#report(rule, match, text, begin, this.#start + begin * scale)
      }
      at = text.indexOf(anchor, at + anchor.length, 'latin1')
    }
  }

  #report(rule: SecretRule, match: RegExpExecArray, text: Buffer, begin: number, offset: number): void {
    const key = `${rule.rule} ${offset}`
    const secret = match.groups?.secret
    if (this.#found.has(key) || (secret !== undefined && isPlaceholder(secret, rule.rule))) return
    if (rule.nearby && !rule.nearby.test(text.toString('latin1', Math.max(0, begin - 500), begin + 500))) return
    const evidence = secret === undefined ? match[0].slice(0, match[0].indexOf('KEY') + 3) : redacted(secret)
    this.#found.set(
      key,
      finding(
        'warn',
        rule.rule,
        `${this.#path} seems to hold ${rule.what}. Remove it, and revoke it where it was issued.`,
        {
          offset,
          evidence,
        },
      ),
    )
    this.#counts.set(rule.rule, (this.#counts.get(rule.rule) ?? 0) + 1)
  }
}

/** Never enough of it to use it. */
const redacted = (secret: string): string =>
  secret.length < 12 ? `${secret.slice(0, 1)}…` : `${secret.slice(0, 4)}…${secret.slice(-2)}`

/** Text has no zero bytes, and UTF-16 of Latin letters has them at every second place. */
function kindOf(head: Buffer): Kind {
  const start = head.subarray(0, HEAD_BYTES)
  if (!start.includes(0)) return 'text'
  const zeros = [0, 0]
  for (const [i, byte] of start.entries()) if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  const isWide =
    start.length >= 8 && Math.max(even, odd) > start.length * 0.4 && Math.min(even, odd) < start.length * 0.05
  return isWide ? (odd > even ? 'utf-16le' : 'utf-16be') : 'other'
}

/** UTF-16 to Latin letters: one byte of each pair; characters that need both are not part of any credential. */
function narrowed(wide: Buffer, low: 0 | 1): Buffer {
  const text = Buffer.alloc(Math.floor(wide.length / 2))
  for (let i = 0; i < text.length; i++) text[i] = wide[2 * i + low] ?? 0
  return text
}
