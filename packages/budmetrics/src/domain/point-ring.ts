/** The last two hours of the five metrics, a point every 10 s, in a fixed piece of memory (35 KB an endpoint). */
import type { MetricName } from '@bud/kernel'

export const POINT_STEP_S = 10
export const RING_MINUTES = 120
const CAPACITY = (RING_MINUTES * 60) / POINT_STEP_S

/** Column order of a point. */
export const METRICS = [
  'inference_latency_p99',
  'ttft_p99',
  'throughput',
  'gpu_utilization',
  'queue_depth',
] as const satisfies readonly MetricName[]

export type FiveValues = Readonly<Record<MetricName, number | null>>

/** A ring by step number: a step nobody wrote is a gap, whatever stood in its place two hours before. */
export class PointRing {
  readonly #steps = new Float64Array(CAPACITY).fill(-1)
  readonly #values = new Float64Array(CAPACITY * METRICS.length).fill(Number.NaN)
  #first = Number.POSITIVE_INFINITY

  /** Sets the step that holds `atMs`; a later write to the same step wins, queue depth keeps its largest. */
  write(atMs: number, values: FiveValues): void {
    const step = stepOf(atMs)
    const place = step % CAPACITY
    const fresh = this.#steps[place] !== step
    this.#steps[place] = step
    if (step < this.#first) this.#first = step
    for (const [column, metric] of METRICS.entries()) {
      const before = fresh ? Number.NaN : (this.#values[place * METRICS.length + column] ?? Number.NaN)
      const value = values[metric] ?? Number.NaN
      const keep = metric === 'queue_depth' && (Number.isNaN(value) || before > value)
      this.#values[place * METRICS.length + column] = keep ? before : value
    }
  }

  /** When the first point was written; Infinity before that. */
  get startMs(): number {
    return this.#first * POINT_STEP_S * 1000
  }

  /** One value a step from `fromMs` to `toMs`, gaps as null; the time of a point is its step's start. */
  read(metric: MetricName, fromMs: number, toMs: number): { at_ms: number; value: number | null }[] {
    const column = METRICS.indexOf(metric)
    const points: { at_ms: number; value: number | null }[] = []
    for (let step = Math.max(stepOf(fromMs), this.#first); step <= stepOf(toMs); step++) {
      const place = step % CAPACITY
      const value = this.#steps[place] === step ? this.#values[place * METRICS.length + column] : Number.NaN
      points.push({
        at_ms: step * POINT_STEP_S * 1000,
        value: value === undefined || Number.isNaN(value) ? null : value,
      })
    }
    return points
  }
}

const stepOf = (atMs: number): number => Math.floor(atMs / (POINT_STEP_S * 1000))
