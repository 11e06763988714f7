/** What is kept in memory of each endpoint: its window of slots, two hours of points, the minute under way. */

import { type Measurement, measure } from '../domain/measurement.ts'
import { type Minute, minuteOf, rollUp } from '../domain/minute.ts'
import { PointRing } from '../domain/point-ring.ts'
import type { ReplicaReading } from '../domain/replica-reading.ts'
import { ServedSum, type ServedWindow } from '../domain/served-window.ts'
import { makeSlot, type ReplicaState, type Slot } from '../domain/slot.ts'
import type { ScrapeTarget } from '../ports.ts'

/** What one scrape of a replica gave: a reading, or why there is none. */
export type ScrapeOutcome = { id: string; reading: ReplicaReading } | { id: string; problem: string }

export class EndpointState {
  target: ScrapeTarget
  /** The targets that were last made thresholds, as JSON. */
  appliedTargets: string | undefined
  readonly points = new PointRing()
  /** By replica id; only replicas of the last scrape. */
  readonly problems = new Map<string, string>()
  #replicas = new Map<string, ReplicaState>()
  #window: Slot[] = []
  #minute: Slot[] = []
  #coveredUntilMs: number | null = null
  #served = new ServedSum()

  constructor(target: ScrapeTarget) {
    this.target = target
  }

  get lastSlot(): Slot | undefined {
    return this.#window.at(-1)
  }

  /** The slots of the last `windowS` seconds. */
  get window(): readonly Slot[] {
    return this.#window
  }

  measure(windowS: number): Measurement {
    const [problem] = this.problems
    const nobody = this.#replicas.size === 0 ? 'no ready replica to ask' : null
    return measure(this.#window, windowS, problem ? problem.join(': ') : nobody)
  }

  /** Takes one scrape in; answers the minute that it closed, if it did. */
  add(
    atMs: number,
    outcomes: readonly ScrapeOutcome[],
    gpuPercent: number | null,
    windowS: number,
  ): Minute | undefined {
    const slot = this.#slotOf(atMs, outcomes, gpuPercent)
    const closed = this.#closeMinuteBefore(atMs)
    this.#minute.push(slot)
    this.#served.add(
      slot,
      outcomes.map(({ id }) => id),
    )
    this.#window.push(slot)
    this.#window = this.#window.filter((one) => one.at_ms > atMs - windowS * 1000)
    const { metrics } = this.measure(windowS)
    this.points.write(atMs, {
      inference_latency_p99: metrics.inference_latency_p99.value,
      ttft_p99: metrics.ttft_p99.value,
      throughput: metrics.throughput.value,
      gpu_utilization: metrics.gpu_utilization.value,
      queue_depth: metrics.queue_depth.value,
    })
    return closed
  }

  /** The minute under way, as far as it has come; it begins anew. */
  takeOpenMinute(): Minute | undefined {
    const [first] = this.#minute
    if (!first) return undefined
    const minute = rollUp(minuteOf(first.at_ms), this.#minute)
    this.#minute = []
    return minute
  }

  /** What was served since it was last taken; it begins anew. */
  takeServed(): ServedWindow | undefined {
    const served = this.#served.toWindow()
    this.#served = new ServedSum()
    return served
  }

  #closeMinuteBefore(atMs: number): Minute | undefined {
    const [first] = this.#minute
    return first && minuteOf(first.at_ms) !== minuteOf(atMs) ? this.takeOpenMinute() : undefined
  }

  #slotOf(atMs: number, outcomes: readonly ScrapeOutcome[], gpuPercent: number | null): Slot {
    const replicas = new Map<string, ReplicaState>()
    this.problems.clear()
    const scraped = outcomes.map((outcome) => {
      const previous = this.#replicas.get(outcome.id) ?? null
      if ('problem' in outcome) this.problems.set(outcome.id, outcome.problem)
      const current = 'reading' in outcome ? { reading: outcome.reading, read_at_ms: atMs } : previous
      if (current) replicas.set(outcome.id, current)
      return { previous, current }
    })
    this.#replicas = replicas
    const slot = makeSlot(atMs, scraped, gpuPercent, this.#coveredUntilMs)
    if (slot.covered_s > 0) this.#coveredUntilMs = atMs
    return slot
  }
}

/** Endpoints by id, and minutes that wait to be written. */
export class EndpointStore {
  readonly #states = new Map<string, EndpointState>()

  get(endpointId: string): EndpointState | undefined {
    return this.#states.get(endpointId)
  }

  all(): EndpointState[] {
    return [...this.#states.values()]
  }

  /** The state of a target, made on first sight. */
  open(target: ScrapeTarget): EndpointState {
    const state = this.#states.get(target.endpoint_id) ?? new EndpointState(target)
    state.target = target
    this.#states.set(target.endpoint_id, state)
    return state
  }

  remove(endpointId: string): void {
    this.#states.delete(endpointId)
  }
}
