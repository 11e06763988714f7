/** Trying again what a weak line, or a server that is started again, has broken. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isConnectionError } from '../../errors.ts'
import { BrokenPut } from './broken-put.ts'

/** Before the second try, the third, …: the first comes at once, the last after more than half a minute. */
const WAITS_MS = [0, 500, 2000, 5000, 10_000, 20_000]

/** `attempt` is told how often it was tried before; `also`: what else is worth another try. */
export async function withRetries<T>(
  signal: AbortSignal,
  attempt: (tried: number) => Promise<T>,
  also: (status: number) => boolean = () => false,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    signal.throwIfAborted()
    try {
      return await attempt(tried)
    } catch (error) {
      signal.throwIfAborted()
      const waitMs = WAITS_MS[tried]
      if (waitMs === undefined || !(isWorthRetrying(error) || also(statusOf(error)))) throw error
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

function isWorthRetrying(error: unknown): boolean {
  if (error instanceof BrokenPut) return error.isWorthRetrying
  const status = statusOf(error)
  return isConnectionError(error) || status === 408 || status === 429 || status >= 500
}

const statusOf = (error: unknown): number => (error instanceof Error && 'status' in error ? Number(error.status) : 0)
