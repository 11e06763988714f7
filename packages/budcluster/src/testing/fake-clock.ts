/** Time that passes only while somebody sleeps: as long as they wanted to, at once. */
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@bud/kernel'

export class FakeClock implements Clock {
  #nowMs: number

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.#nowMs += ms
    await setImmediate()
  }
}
