import type { Clock } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { createWakeups } from './wakeups.ts'

/** Sleeps until told, or until the signal aborts. */
class HeldClock implements Clock {
  asleep = 0
  nowMs = () => 0
  sleep(_: number, signal?: AbortSignal): Promise<void> {
    this.asleep++
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
}

describe('wakeups', () => {
  it('wakes everybody who waits', async () => {
    const wakeups = createWakeups(new HeldClock())
    const waits = [wakeups.wait(wakeups.mark(), 1_000), wakeups.wait(wakeups.mark(), 1_000)]
    wakeups.notify()
    await Promise.all(waits)
  })

  it('does not miss what happened between looking and waiting', async () => {
    const clock = new HeldClock()
    const wakeups = createWakeups(clock)
    const mark = wakeups.mark()
    wakeups.notify()
    await wakeups.wait(mark, 1_000)
    expect(clock.asleep).toBe(0)
  })

  it('ends with the signal, also one that was aborted before', async () => {
    const wakeups = createWakeups(new HeldClock())
    const gone = new AbortController()
    const wait = wakeups.wait(wakeups.mark(), 1_000, gone.signal)
    gone.abort()
    await wait
    await wakeups.wait(wakeups.mark(), 1_000, gone.signal)
  })
})
