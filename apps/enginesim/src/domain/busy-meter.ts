/** How busy an engine's GPUs were, as a sampled utilisation would show it: the mean of the last whole seconds. */

const SLOT_MS = 1000
const SLOTS = 8
const WINDOW_SLOTS = 5

export class BusyMeter {
  readonly #busy = new Float64Array(SLOTS)
  #latestSlot = 0

  /** The GPUs worked from `fromMs` to `toMs`; a stretch that has not ended yet may reach into the future. */
  add(fromMs: number, toMs: number): void {
    let from = Math.max(fromMs, toMs - (SLOTS - 1) * SLOT_MS)
    while (from < toMs) {
      const slot = Math.floor(from / SLOT_MS)
      const end = Math.min(toMs, (slot + 1) * SLOT_MS)
      this.#advance(slot)
      if (slot > this.#latestSlot - SLOTS) this.#busy[slot % SLOTS] = (this.#busy[slot % SLOTS] ?? 0) + (end - from)
      from = end
    }
  }

  /** Share of the last five whole seconds, 0–1. */
  shareAt(nowMs: number): number {
    const current = Math.floor(nowMs / SLOT_MS)
    let busy = 0
    for (let slot = current - WINDOW_SLOTS; slot < current; slot++)
      if (slot > this.#latestSlot - SLOTS && slot <= this.#latestSlot) busy += this.#busy[slot % SLOTS] ?? 0
    return Math.min(1, busy / (WINDOW_SLOTS * SLOT_MS))
  }

  #advance(slot: number): void {
    if (slot <= this.#latestSlot) return
    if (slot - this.#latestSlot >= SLOTS) this.#busy.fill(0)
    else for (let next = this.#latestSlot + 1; next <= slot; next++) this.#busy[next % SLOTS] = 0
    this.#latestSlot = slot
  }
}
