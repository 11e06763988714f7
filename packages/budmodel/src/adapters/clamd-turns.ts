/** Lets a fixed number through at once, the others in the order they came. */

export interface Turns {
  /** Resolves to what ends the turn (idempotent). Rejects when the signal comes first. */
  take(signal: AbortSignal): Promise<() => void>
}

export function createTurns(max: number): Turns {
  let taken = 0
  const waiting = new Set<() => void>()

  const turn = () => {
    taken++
    let over = false
    return () => {
      if (over) return
      over = true
      taken--
      const [next] = waiting
      if (next) {
        waiting.delete(next)
        next()
      }
    }
  }

  return {
    async take(signal) {
      if (signal.aborted) throw new Error('given up')
      if (taken < max) return turn()
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const start = () => {
        signal.removeEventListener('abort', giveUp)
        resolve(turn())
      }
      const giveUp = () => {
        waiting.delete(start)
        reject(new Error('given up'))
      }
      waiting.add(start)
      signal.addEventListener('abort', giveUp, { once: true })
      return promise
    },
  }
}
