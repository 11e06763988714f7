/** Time that passes only when told to, so that minutes of cluster life are tested in no time. */
import type { Timers } from '../engine/timers.ts'

export class VirtualTimers implements Timers {
  #now: number
  #next = 0
  readonly #pending = new Map<number, { atMs: number; run: () => void }>()

  constructor(startMs = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = startMs
  }

  nowMs(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const id = this.#next++
    this.#pending.set(id, { atMs: this.#now + ms, run })
    return () => this.#pending.delete(id)
  }

  /** Timers that have not fired yet. */
  get pending(): number {
    return this.#pending.size
  }

  /** Lets `ms` pass, firing what falls due in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let due = this.#firstDue(end); due !== undefined; due = this.#firstDue(end)) {
      const [id, timer] = due
      this.#pending.delete(id)
      this.#now = Math.max(this.#now, timer.atMs)
      timer.run()
    }
    this.#now = end
  }

  #firstDue(endMs: number): [number, { atMs: number; run: () => void }] | undefined {
    let first: [number, { atMs: number; run: () => void }] | undefined
    for (const entry of this.#pending)
      if (entry[1].atMs <= endMs && (first === undefined || entry[1].atMs < first[1].atMs)) first = entry
    return first
  }
}
