/** The KV cache as blocks that sequences hold, and the index of prompt prefixes it has seen. */

export interface KvHolder {
  blocks: number
}

export class KvPool {
  readonly totalBlocks: number
  readonly blockTokens: number
  #used = 0

  constructor(capacityTokens: number, blockTokens: number) {
    this.blockTokens = blockTokens
    this.totalBlocks = Math.floor(capacityTokens / blockTokens)
  }

  get usedBlocks(): number {
    return this.#used
  }

  /** Share of the blocks that are held, 0–1. */
  get usage(): number {
    return this.totalBlocks === 0 ? 0 : this.#used / this.totalBlocks
  }

  /** Gives `holder` room for `tokens` in all; false, and nothing changed, when there is none. */
  grow(holder: KvHolder, tokens: number): boolean {
    const missing = Math.ceil(tokens / this.blockTokens) - holder.blocks
    if (missing <= 0) return true
    if (this.#used + missing > this.totalBlocks) return false
    this.#used += missing
    holder.blocks += missing
    return true
  }

  release(holder: KvHolder): void {
    this.#used -= holder.blocks
    holder.blocks = 0
  }
}

/**
 * Which prompt blocks were computed lately. A hit saves the computation; the memory is still counted for each
 * sequence on its own, so capacity is understated for shared prefixes, never overstated.
 */
export class PrefixIndex {
  readonly #seen = new Set<number>()
  readonly #capacity: number

  constructor(capacityBlocks: number) {
    this.#capacity = capacityBlocks
  }

  /** How many leading blocks are known. */
  lookUp(blocks: readonly number[]): number {
    let hits = 0
    for (const block of blocks) {
      if (!this.#seen.has(block)) break
      hits++
    }
    return hits
  }

  add(blocks: readonly number[]): void {
    for (const block of blocks) {
      this.#seen.delete(block)
      this.#seen.add(block)
    }
    for (const oldest of this.#seen) {
      if (this.#seen.size <= this.#capacity) break
      this.#seen.delete(oldest)
    }
  }
}
