/** How fast bytes go, over the last seconds: a stall shows soon, a burst does not jump. */

const WINDOW_MS = 10_000
const SAMPLE_MS = 250
/** Less tells nothing yet. */
const MIN_MS = 1000

export class TransferRate {
  readonly #samples: { ms: number; total: number }[] = []
  #total = 0

  /** The first call starts the clock: `count` of it went before. */
  add(count: number, nowMs: number): void {
    this.#total += count
    const last = this.#samples.at(-1)
    if (last && nowMs - last.ms < SAMPLE_MS) return
    this.#samples.push({ ms: nowMs, total: this.#total })
    while (this.#samples.length > 2 && nowMs - (this.#samples[1]?.ms ?? nowMs) > WINDOW_MS) this.#samples.shift()
  }

  /** 0 before anything can be said. */
  bytesPerSecond(nowMs: number): number {
    const first = this.#samples[0]
    if (!first || nowMs < first.ms + MIN_MS) return 0
    return Math.max(0, ((this.#total - first.total) / (nowMs - first.ms)) * 1000)
  }
}
