/** Ids for usage records as the kernel makes them, cheap enough for every request: randomness is fetched in bulk. */
import { idFromBytes } from '@bud/kernel'

const TIME_DIGITS = 10
const RANDOM_DIGITS = 16
const POOL_BYTES = RANDOM_DIGITS * 256

/** `fill` fills with random bytes. Ids sort by time. */
export function createUsageIds(fill: (bytes: Uint8Array<ArrayBuffer>) => void): (nowMs: number) => string {
  const pool = new Uint8Array(POOL_BYTES)
  const digits = new Uint8Array(TIME_DIGITS + RANDOM_DIGITS)
  let used = POOL_BYTES
  return (nowMs) => {
    if (used === POOL_BYTES) {
      fill(pool)
      used = 0
    }
    for (let i = TIME_DIGITS - 1, rest = nowMs; i >= 0; i--, rest = Math.floor(rest / 32)) digits[i] = rest % 32
    digits.set(pool.subarray(used, used + RANDOM_DIGITS), TIME_DIGITS)
    used += RANDOM_DIGITS
    return idFromBytes('usage', digits)
  }
}
