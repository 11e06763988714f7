/** Several files at once, as many as are good for disks and connections. */

const AT_ONCE = 4

/**
 * Results in the order of `items`, the largest begun first. The first failure aborts the signal of the others, and is
 * thrown once all of them have ended.
 */
export async function inParallel<Item extends { bytes: number }, Result>(
  items: readonly Item[],
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const control = new AbortController()
  const waiting = [...items.entries()].sort(([, a], [, b]) => b.bytes - a.bytes).values()
  const results = new Array<Result>(items.length)
  const worker = async () => {
    for (const [index, item] of waiting) {
      if (control.signal.aborted) return
      results[index] = await work(item, control.signal)
    }
  }
  const workers = Array.from({ length: Math.min(AT_ONCE, items.length) }, () =>
    worker().catch((error) => control.abort(error)),
  )
  await Promise.all(workers)
  control.signal.throwIfAborted()
  return results
}
