/** Licence texts as words, so that line breaks, quotes, indentation and years do not matter when they are compared. */

const MAX_CHARACTERS = 512 * 1024
const MAX_WORDS = 60_000
const SHINGLE_WORDS = 5
const SKETCH_SIZE = 128
/** Lines that name holders and years, or that templates leave open. */
const HOLDER_LINE =
  /^[\W_]*(?:(?:[Cc]opyright|COPYRIGHT)\s*(?:\([cC]\)|©|[0-9<[{]|by\b|[A-Z][a-z]+\s(?<!(?:Holder|Notice|Owner|License|Law|Act|And)s?\s))|©|[Aa]ll [Rr]ights [Rr]eserved|\([cC]\) (?:\d|<|\[))/
/** "1.", "(a)", "*": the same list is numbered here and dotted there. */
const LIST_MARK = /^\s*(?:\(?[0-9a-z]{1,2}[.)]|[*•–-])\s+/

/** Whom a text speaks of: "the author", "the copyright holders", "ISC" stand for one another. */
const ACTORS = new Set(
  'the author authors holder holders owner owners copyright contributor contributors regents isc'.split(' '),
)

/** Lower-case words and numbers ("3.1" is one), without the lines that name copyright holders. */
export function licenceWords(text: string): string[] {
  const words: string[] = []
  for (const line of text.slice(0, MAX_CHARACTERS).split(/\r?\n/)) {
    if (HOLDER_LINE.test(line.slice(0, 80))) continue
    for (const [word] of line
      .replace(LIST_MARK, '')
      .toLowerCase()
      .matchAll(/[a-z0-9]+(?:\.[0-9]+)*/g))
      words.push(word)
    if (words.length > MAX_WORDS) break
  }
  return words
}

/** The words of a whole text that are compared with another's. */
export const comparedWords = (words: readonly string[]): string[] => words.filter((word) => !ACTORS.has(word))

/** The words with single spaces, one at each end: a phrase is looked up as ` phrase `. */
export const textOf = (words: readonly string[]): string => ` ${words.join(' ')} `

/**
 * The smallest hashes of all runs of five words: two texts share as large a part of their runs as their sketches do
 * (bottom-k sketch, Broder 1997). Sorted, each once.
 */
export function sketchOf(words: readonly string[]): Uint32Array {
  return Uint32Array.from(new Set(runsOf(words)))
    .sort()
    .slice(0, SKETCH_SIZE)
}

/** The share of runs of words that both texts hold, of those that either holds; 0–1. */
export function resemblance(a: Uint32Array, b: Uint32Array): number {
  let [i, j, union, both] = [0, 0, 0, 0]
  while (union < SKETCH_SIZE && (i < a.length || j < b.length)) {
    const left = a[i] ?? Number.POSITIVE_INFINITY
    const right = b[j] ?? Number.POSITIVE_INFINITY
    if (left === right) both++
    if (left <= right) i++
    if (right <= left) j++
    union++
  }
  return union === 0 ? 0 : both / union
}

/**
 * A Bloom filter over all runs of five words: tells, but for 2 in 1,000, whether a run stands in the text it was made
 * of. Nothing of the text can be read back.
 */
export function filterOf(words: readonly string[]): Uint8Array {
  const runs = runsOf(words)
  const filter = new Uint8Array(Math.max(runs.length * 2, 1))
  for (const run of runs) {
    for (const bit of bitsOf(run, filter)) filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7))
  }
  return filter
}

/** The words that stand in no run that the filter's text holds: what was added to it. */
export function addedWords(words: readonly string[], filter: Uint8Array): string[] {
  const known = new Uint8Array(words.length)
  runsOf(words).forEach((run, at) => {
    const held = bitsOf(run, filter).every((bit) => ((filter[bit >> 3] ?? 0) >> (bit & 7)) & 1)
    if (held) known.fill(1, at, at + SHINGLE_WORDS)
  })
  return words.filter((_, at) => known[at] === 0)
}

function runsOf(words: readonly string[]): Uint32Array {
  const runs = new Uint32Array(Math.max(words.length - SHINGLE_WORDS + 1, 0))
  for (let at = 0; at < runs.length; at++) runs[at] = fnv1a(words.slice(at, at + SHINGLE_WORDS).join(' '))
  return runs
}

/** Four bits by double hashing. */
function bitsOf(run: number, filter: Uint8Array): number[] {
  const step = (Math.imul(run ^ (run >>> 15), 0x9e3779b1) >>> 0) | 1
  return [0, 1, 2, 3].map((nth) => ((run + nth * (step >>> 0)) >>> 0) % (filter.length * 8))
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash ^= text.charCodeAt(at)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}
