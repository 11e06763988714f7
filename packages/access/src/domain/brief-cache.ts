/** Remembers answers for a few seconds, so that not every request asks the database who is asking. */
export class BriefCache<Value> {
  readonly #ttlMs: number
  readonly #entriesMax: number
  readonly #nowMs: () => number
  readonly #entries = new Map<string, { value: Value; until: number }>()
  #generation = 0

  constructor(options: { ttlMs: number; entriesMax: number; nowMs: () => number }) {
    this.#ttlMs = options.ttlMs
    this.#entriesMax = options.entriesMax
    this.#nowMs = options.nowMs
  }

  /** `load` runs when nothing fresh is remembered; undefined is not remembered. */
  async get(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const entry = this.#entries.get(key)
    if (entry && entry.until > this.#nowMs()) return entry.value
    this.#entries.delete(key)
    const generation = this.#generation
    const value = await load()
    // An answer from before a `clear` may be the very one that was to be forgotten.
    if (value !== undefined && generation === this.#generation) this.#remember(key, value)
    return value
  }

  clear(): void {
    this.#generation += 1
    this.#entries.clear()
  }

  #remember(key: string, value: Value): void {
    this.#entries.set(key, { value, until: this.#nowMs() + this.#ttlMs })
    if (this.#entries.size <= this.#entriesMax) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }
}
