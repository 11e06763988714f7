/** So many transfers at a time, over all files; the first failure stops them all. */

export class Slots {
  readonly #controller = new AbortController()
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  /** Aborts with the first failure as its reason. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Rejects with the first failure when it comes before the turn does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      this.signal.throwIfAborted()
      return await work()
    } catch (error) {
      this.stop(error)
      throw error
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }

  stop(error: unknown): void {
    this.#controller.abort(error)
  }
}

/** `count` at a time, in order, none after a failure. Rejects once all that began have ended. */
export async function eachOf<T>(items: readonly T[], count: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  let failure: { error: unknown } | undefined
  const lane = async () => {
    for (const item of left) {
      await work(item).catch((error) => {
        failure ??= { error }
      })
      if (failure) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, lane))
  if (failure) throw failure.error
}
