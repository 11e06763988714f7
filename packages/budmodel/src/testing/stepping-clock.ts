/** A clock whose sleeps are over at once, and remembered. */
import type { Clock } from '@bud/kernel'

export class SteppingClock implements Clock {
  readonly slept: number[] = []
  #now = Date.UTC(2026, 0, 1)

  nowMs(): number {
    return this.#now
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.slept.push(ms)
    this.#now += ms
  }
}
