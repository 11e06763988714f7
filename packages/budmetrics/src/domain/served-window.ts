/** What an endpoint served between two moments, in exact means: what predictions are compared with. */
import { countOf } from './buckets.ts'
import { HISTOGRAMS, type HistogramName } from './increase.ts'
import type { Slot } from './slot.ts'

export interface ServedWindow {
  from_ms: number
  to_ms: number
  /** Seconds of it that readings cover. */
  covered_s: number
  /** Requests that ended. */
  requests: number
  /** Milliseconds; null where nothing was timed. TPOT is a request's mean; where engines do not time it, the gap between tokens. */
  ttft_ms: number | null
  tpot_ms: number | null
  e2e_ms: number | null
  prompt_tokens: number
  output_tokens: number
  /** Requests in flight, mean over the window, all replicas: those that ended, by the time they took (Little's law). */
  in_flight: number | null
  /** The most that waited at one moment; null: not known. */
  waiting_max: number | null
  replicas: number
  /** The same replicas answered all the time. */
  steady: boolean
}

/** Adds up slots until it is taken. */
export class ServedSum {
  #fromMs: number | undefined
  #toMs = 0
  #coveredS = 0
  #promptTokens = 0
  #outputTokens = 0
  #waitingMax: number | null = null
  #replicas: string | undefined
  #replicaCount = 0
  #steady = true
  #count = emptyByHistogram()
  #seconds = emptyByHistogram()

  add(slot: Slot, replicaIds: readonly string[]): void {
    const replicas = [...replicaIds].sort().join(' ')
    this.#fromMs ??= slot.at_ms - slot.covered_s * 1000
    this.#toMs = slot.at_ms
    this.#coveredS += slot.covered_s
    this.#promptTokens += slot.increase.prompt_tokens
    this.#outputTokens += slot.increase.generation_tokens
    if (slot.waiting !== null) this.#waitingMax = Math.max(this.#waitingMax ?? 0, slot.waiting)
    this.#steady = this.#steady && slot.complete && (this.#replicas ?? replicas) === replicas
    this.#replicas = replicas
    this.#replicaCount = replicaIds.length
    for (const name of HISTOGRAMS) {
      this.#count[name] += countOf(slot.increase[name])
      this.#seconds[name] += slot.increase.seconds[name]
    }
  }

  /** Undefined when nothing was added. */
  toWindow(): ServedWindow | undefined {
    if (this.#fromMs === undefined) return undefined
    const e2e = this.#meanMs('e2e')
    const requests = this.#count.e2e
    return {
      from_ms: this.#fromMs,
      to_ms: this.#toMs,
      covered_s: this.#coveredS,
      requests,
      ttft_ms: this.#meanMs('ttft'),
      tpot_ms: this.#meanMs('tpot') ?? this.#meanMs('itl'),
      e2e_ms: e2e,
      prompt_tokens: this.#promptTokens,
      output_tokens: this.#outputTokens,
      in_flight: e2e === null || this.#coveredS === 0 ? null : (requests * e2e) / 1000 / this.#coveredS,
      waiting_max: this.#waitingMax,
      replicas: this.#replicaCount,
      steady: this.#steady,
    }
  }

  #meanMs(name: HistogramName): number | null {
    const [count, seconds] = [this.#count[name], this.#seconds[name]]
    return count > 0 && seconds > 0 ? (seconds / count) * 1000 : null
  }
}

const emptyByHistogram = (): Record<HistogramName, number> => ({ ttft: 0, tpot: 0, itl: 0, e2e: 0 })
