/** One clock for all relative times on the screen: every reader ticks in the same second. */
import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let now = Date.now()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

function tick(): void {
  now = Date.now()
  for (const listener of listeners) listener()
}

export const useNow = (): number => useSyncExternalStore(subscribe, () => now)
