/** Waiting for something to change in this process, without missing what changes between looking and waiting. */
import type { Clock } from '@bud/kernel'

export interface Wakeups {
  /** Take it before looking. */
  mark(): number
  notify(): void
  /** Resolves at the first `notify` since `mark`, after `ms`, or when the signal aborts. */
  wait(mark: number, ms: number, signal?: AbortSignal): Promise<void>
}

export function createWakeups(clock: Clock): Wakeups {
  const waiting = new Set<() => void>()
  let count = 0
  return {
    mark: () => count,
    notify() {
      count++
      for (const wake of waiting) wake()
    },
    async wait(mark, ms, signal) {
      if (count !== mark || ms <= 0 || signal?.aborted) return
      const over = new AbortController()
      const wake = () => over.abort()
      waiting.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
      await clock.sleep(ms, over.signal).catch(() => undefined)
      signal?.removeEventListener('abort', wake)
      waiting.delete(wake)
    },
  }
}
