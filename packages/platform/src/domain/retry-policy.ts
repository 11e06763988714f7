/** When a failed step is worth another try, and how long to wait before it. */
import { BudError } from '@bud/kernel'

export interface RetryPolicy {
  /** Tries in all, the first included. */
  attempts: number
  /** Wait before the second try; doubles each time. */
  firstWaitMs: number
  longestWaitMs: number
}

/** 0.5 + 1 + 2 + 4 s between five tries. */
export const STEP_RETRIES: RetryPolicy = { attempts: 5, firstWaitMs: 500, longestWaitMs: 8_000 }

const RETRYABLE_SYSTEM_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN'])
/** Connection lost, out of resources, server starting or stopping, serialisation failure, deadlock. */
const RETRYABLE_SQL_STATE = /^(08...|53...|57P0[123]|40001|40P01)$/
/** node-postgres gives these no code. */
const LOST_CONNECTION = /^(Connection terminated|timeout exceeded when trying to connect)/

/** Our own errors say it themselves; of others, only lost connections and database conflicts are worth another try. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof BudError) return error.retryable
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (RETRYABLE_SYSTEM_CODES.has(code) || RETRYABLE_SQL_STATE.test(code) || LOST_CONNECTION.test(error.message))
    return true
  return error.cause !== undefined && isRetryable(error.cause)
}

/** `failures`: how many tries have failed so far (≥ 1). */
export const waitMsBeforeRetry = (policy: RetryPolicy, failures: number): number =>
  Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** (failures - 1))

/** Runs `effect` until it succeeds, fails for good or has used up its tries; rejects with the last error. */
export async function withRetries<T>(
  effect: () => Promise<T>,
  policy: RetryPolicy,
  sleep: (ms: number) => Promise<void>,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await effect()
    } catch (error) {
      failures += 1
      if (failures >= policy.attempts || !isRetryable(error)) throw error
      await sleep(waitMsBeforeRetry(policy, failures))
    }
  }
}
