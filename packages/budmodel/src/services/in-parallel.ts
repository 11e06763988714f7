/** Several files at once, as many as are good for disks and connections: of small ones more, since they mostly wait. */

const AT_ONCE = 4
const SMALL_AT_ONCE = 16
const SMALL_BYTES = 1024 * 1024

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
  const workers: Promise<void>[] = []
  let begun = 0
  const begin = (count: number) => {
    while (begun < Math.min(count, items.length)) {
      begun++
      workers.push(worker().catch((error) => control.abort(error)))
    }
  }
  const worker = async () => {
    for (const [index, item] of waiting) {
      if (control.signal.aborted) return
      if (item.bytes <= SMALL_BYTES) begin(SMALL_AT_ONCE)
      results[index] = await work(item, control.signal)
    }
  }
  begin(AT_ONCE)
  // More of them may come while they are waited for.
  for (const ended of workers) await ended
  control.signal.throwIfAborted()
  return results
}
