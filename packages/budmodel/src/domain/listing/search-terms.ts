/** What a search finds a model by: the same words are made of what is stored and of what is asked. */

const MAX_TERMS = 400
const MAX_TERM_LENGTH = 60

/** Lower-case words of letters and digits; "Llama-3.1-8B" gives "llama", "3.1", "8b". Each once, in order. */
export function searchTerms(...texts: (string | null | undefined)[]): string[] {
  const words = texts
    .join(' ')
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}.]+/u)
    .map((word) => word.replace(/^\.+|\.+$/g, '').slice(0, MAX_TERM_LENGTH))
    .filter((word) => word !== '')
  return [...new Set(words)].slice(0, MAX_TERMS)
}

/** The terms as a `tsvector` literal: lexemes as they are, in the order PostgreSQL wants none of. */
export const toVectorLiteral = (terms: readonly string[]): string => terms.map(quoted).join(' ')

/** All words, each as the beginning of one, as a `tsquery` literal; undefined when nothing is asked. */
export function toQueryLiteral(search: string | undefined): string | undefined {
  const terms = searchTerms(search)
  return terms.length === 0 ? undefined : terms.map((term) => `${quoted(term)}:*`).join(' & ')
}

const quoted = (term: string): string => `'${term.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
