/** What somebody may have meant by a name that is not known. */

const MOST = 3
/** A name is not near when it shares less than 30 % of the letter pairs. */
const TOO_FAR = 0.7
/** Of a name, so much is compared and shown: cells of broken files can be megabytes. */
const MOST_CHARACTERS = 80

type Normalise = (text: string) => string

/** Finds the nearest of the known names by the letter pairs they share, best first; none when nothing is near. */
export function createNearestNames(
  known: Iterable<string>,
  { normalise = (text) => text.toLowerCase(), tooFar = TOO_FAR }: { normalise?: Normalise; tooFar?: number } = {},
): (name: string) => string[] {
  const candidates = Array.from(known, (name) => ({ name, pairs: letterPairs(normalise(name)) }))
  return (name) => {
    const wanted = letterPairs(normalise(name.slice(0, MOST_CHARACTERS)))
    return candidates
      .map((one) => ({ name: one.name, distance: distance(wanted, one.pairs) }))
      .filter((one) => one.distance < tooFar)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, MOST)
      .map((one) => one.name)
  }
}

/** " Did you mean a or b?", or '' when nothing is near. */
export function didYouMean(names: readonly string[]): string {
  if (names.length === 0) return ''
  return ` Did you mean ${names.slice(0, -1).join(', ')}${names.length > 1 ? ' or ' : ''}${names.at(-1)}?`
}

/** A text as messages quote it, shortened. */
export const quoted = (text: string): string =>
  `"${text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text}"`

/** 1 − the share of letter pairs in common: 0 for equal names. */
function distance(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const pair of a) if (b.has(pair)) shared++
  return 1 - (2 * shared) / Math.max(a.size + b.size, 1)
}

const letterPairs = (text: string): Set<string> =>
  new Set(Array.from({ length: Math.max(text.length - 1, 0) }, (_, i) => text.slice(i, i + 2)))
