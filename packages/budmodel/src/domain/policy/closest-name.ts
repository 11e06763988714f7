/** What somebody may have meant by a name that is not known. */

const MAX_CHARACTERS = 60

/** The known name with the fewest letters changed, if no more than a third of them; case does not count. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const wanted = name.slice(0, MAX_CHARACTERS).toLowerCase()
  const ranked = known
    .map((one) => ({ one, changes: changesBetween(wanted, one.toLowerCase()) }))
    .toSorted((a, b) => a.changes - b.changes)
  const [best] = ranked
  return best && best.changes <= Math.max(2, Math.floor(best.one.length / 3)) ? best.one : undefined
}

/** Levenshtein's distance. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
