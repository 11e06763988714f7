/** The YAML at the head of a README.md, read with care: cards are strangers' files. */
import { parseDocument } from 'yaml'

const MAX_CHARACTERS = 1024 * 1024
/** Cards that list the results of a hundred tasks take a third of it. */
const MAX_FRONT_CHARACTERS = 256 * 1024
/** Anchors may repeat a value a few times; a bomb of them is refused. */
const MAX_ALIASES = 20

export interface FrontMatter {
  /** Null when there is none, or none that can be read. */
  values: Record<string, unknown> | null
  /** What follows it. */
  body: string
  /** Why it could not be read, as a sentence. */
  problem: string | null
}

export function readFrontMatter(text: string): FrontMatter {
  const card = text.slice(0, MAX_CHARACTERS).replace(/^\uFEFF/, '')
  const opening = /^\s{0,8}---[ \t]{0,8}\r?\n/.exec(card)
  if (!opening) return { values: null, body: card, problem: null }
  const rest = card.slice(opening[0].length)
  const closing = /^---[ \t]{0,8}\r?$/m.exec(rest)
  if (!closing) return { values: null, body: card, problem: 'The model card’s metadata has no end ("---").' }
  return { ...parse(rest.slice(0, closing.index)), body: rest.slice(closing.index + closing[0].length) }
}

function parse(front: string): Omit<FrontMatter, 'body'> {
  if (front.length > MAX_FRONT_CHARACTERS) return unreadable(`is longer than ${MAX_FRONT_CHARACTERS} characters`)
  try {
    const document = parseDocument(front, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' })
    const [error] = document.errors
    if (error) return unreadable(`is not YAML: ${error.message.slice(0, 200)}`)
    const values: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    if (values === null) return { values: null, problem: null }
    return isRecord(values) ? { values, problem: null } : unreadable('is no list of names and values')
  } catch {
    // Nested beyond the parser's stack, or a bomb of aliases.
    return unreadable('is nested too deep or repeats itself too often')
  }
}

const unreadable = (why: string): Omit<FrontMatter, 'body'> => ({
  values: null,
  problem: `The model card’s metadata ${why}.`,
})

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
