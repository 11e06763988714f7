import { describe, expect, test } from 'vitest'
import { systemClock } from './clock.ts'

describe('the system clock', () => {
  test('tells the machine’s time', () => {
    const before = Date.now()
    const now = systemClock.nowMs()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
  })

  test('sleeps until the time has come', async () => {
    await expect(systemClock.sleep(1)).resolves.toBeUndefined()
    await expect(systemClock.sleep(1, new AbortController().signal)).resolves.toBeUndefined()
  })

  test('wakes at once, with the reason, when the signal aborts', async () => {
    const stop = new AbortController()
    const sleeping = systemClock.sleep(2 ** 30, stop.signal)
    const reason = new Error('the server stops')
    stop.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
  })

  test('does not fall asleep when the signal has aborted already', async () => {
    await expect(systemClock.sleep(2 ** 30, AbortSignal.abort('gone'))).rejects.toBe('gone')
  })

  test('leaves no listener behind on a signal that lives on', async () => {
    const stop = new AbortController()
    const listeners = countListeners(stop.signal)
    for (let i = 0; i < 5; i++) await systemClock.sleep(0, stop.signal)
    expect(listeners()).toBe(0)
  })
})

/** How many abort listeners were added and not taken away again. */
function countListeners(signal: AbortSignal): () => number {
  let count = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--
    remove(...args)
  }
  return () => count
}
