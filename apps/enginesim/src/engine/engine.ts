/** Drives the batch in real time: one timer for the step under way, none while nothing is to be done. */
import type { ActiveSequence, Batcher, Sequence, StepPlan } from '../domain/batcher.ts'
import type { BusyMeter } from '../domain/busy-meter.ts'
import type { Timers } from './timers.ts'

/** Steps shorter than the timer's grain are worked off together, at most this many before others get a turn. */
const STEPS_PER_TURN = 200
const TIMER_GRAIN_MS = 0.5
/** When the process was late by more than this, the lost time is given up instead of caught up. */
const LATENESS_KEPT_MS = 250

export interface EngineOptions {
  batcher: Batcher
  timers: Timers
  busy: BusyMeter
  /** Time between a request's arrival and its place in the queue: accepting, templating, tokenising. */
  requestOverheadMs: number
  /** How long the planned step takes, in milliseconds. */
  stepMs(plan: StepPlan): number
  stepped(plan: StepPlan, durationMs: number): void
  aborted(active: ActiveSequence): void
}

export interface EngineFaults {
  slowFactor: number
  /** No step begins, while everything around the engine goes on answering. */
  hang: boolean
}

/** A request inside the engine. */
export interface Submission {
  /** Frees the slots and blocks at once; nothing more is emitted. Harmless after the end. */
  abort(): void
}

export class Engine {
  readonly #options: EngineOptions
  #faults: EngineFaults = { slowFactor: 1, hang: false }
  #step: { plan: StepPlan; startMs: number; endMs: number } | null = null
  #cancelTimer: () => void = () => {}
  /** Tokens are leaving: whatever that sets off must not plan a step over half-counted sequences. */
  #finishing = false
  #stopped = false

  constructor(options: EngineOptions) {
    this.#options = options
  }

  submit(sequences: readonly Sequence[]): Submission {
    const { batcher, timers, requestOverheadMs } = this.#options
    const arrivedMs = timers.nowMs()
    let active: ActiveSequence[] = []
    const cancel = timers.after(requestOverheadMs * this.#faults.slowFactor, () => {
      if (this.#stopped) return
      active = sequences.map((sequence) => batcher.add(sequence, arrivedMs))
      this.#wake()
    })
    return {
      abort: () => {
        cancel()
        for (const one of active) {
          if (one.state === 'done') continue
          batcher.abort(one)
          this.#options.aborted(one)
        }
      },
    }
  }

  setFaults(faults: EngineFaults): void {
    this.#faults = faults
    this.#wake()
  }

  /** Nothing leaves the engine any more. */
  stop(): void {
    this.#stopped = true
    this.#cancelTimer()
    this.#step = null
    this.#options.batcher.clear()
  }

  #wake(): void {
    if (this.#step !== null || this.#finishing) return
    this.#begin(this.#options.timers.nowMs())
    this.#arm()
  }

  #begin(atMs: number): void {
    if (this.#stopped || this.#faults.hang) return
    const { batcher, busy } = this.#options
    const plan = batcher.plan(atMs)
    if (plan === undefined) return
    const endMs = atMs + this.#options.stepMs(plan) * this.#faults.slowFactor
    busy.add(atMs, endMs)
    this.#step = { plan, startMs: atMs, endMs }
  }

  /** One timer for the step under way; timers may fire early by a fraction, so each turn sets it anew. */
  #arm(): void {
    this.#cancelTimer()
    if (this.#step === null) return
    const { timers } = this.#options
    this.#cancelTimer = timers.after(Math.max(0, this.#step.endMs - timers.nowMs()), () => this.#work())
  }

  #work(): void {
    const now = this.#options.timers.nowMs()
    for (let steps = 0; steps < STEPS_PER_TURN; steps++) {
      const step = this.#step
      if (step === null || step.endMs > now + TIMER_GRAIN_MS) break
      this.#step = null
      this.#finishing = true
      this.#options.batcher.finish(step.plan, step.endMs)
      this.#finishing = false
      this.#options.stepped(step.plan, step.endMs - step.startMs)
      this.#begin(Math.max(step.endMs, now - LATENESS_KEPT_MS))
    }
    this.#arm()
  }
}
