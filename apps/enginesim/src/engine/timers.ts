/** Time for the engine and the cluster: a clock with fractions of a millisecond, and one-shot timers. */

export interface Timers {
  /** Milliseconds since the epoch, with fractions. */
  nowMs(): number
  /** Runs `run` once, at least `ms` later; the returned function cancels it. */
  after(ms: number, run: () => void): () => void
}

export const realTimers: Timers = {
  nowMs: () => performance.timeOrigin + performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
