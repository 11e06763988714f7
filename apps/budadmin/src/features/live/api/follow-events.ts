/** One subscription to the project's events that comes back by itself. */
import { client } from '../../../api.ts'
import type { LiveEvent } from '../prepare/changed-keys.ts'

export interface EventFollower {
  /** The stream is open; what happened before is unknown. */
  onOpen(): void
  onEvent(event: LiveEvent): void
  onLost(): void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000

/** Runs until the signal aborts. */
export async function followEvents(follower: EventFollower, signal: AbortSignal): Promise<void> {
  let waitMs = FIRST_WAIT_MS
  while (!signal.aborted) {
    try {
      const events = await client.system.events(undefined, { signal })
      waitMs = FIRST_WAIT_MS
      follower.onOpen()
      for await (const event of events) follower.onEvent(event)
    } catch {
      // Every end of the stream is handled alike: say so, wait, open it again.
    }
    if (signal.aborted) return
    follower.onLost()
    await pause(waitMs, signal)
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
