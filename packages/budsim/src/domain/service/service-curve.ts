/**
 * What a request meets on one replica as a function of the requests in flight there: measured at powers of two, straight
 * between them. More in flight never makes a request faster, and twice as many never make it take more than twice as
 * long: what trees learnt beyond their rows cannot break either, and a search may rely on both.
 */
import { clamp } from '../model-shape.ts'

/** Means of one request that needs no waiting for a place, in milliseconds. */
export interface ServicePoint {
  /** First token without others' prompts ahead. */
  ttftMs: number
  /** Of it the prompt itself, which grows with its length. */
  promptMs: number
  /** What a closed loop adds: clients that come together wait for each other's prompts. */
  contentionMs: number
  tpotMs: number
}

export interface ServiceCurve {
  /** Fewer than one in flight are served as one alone. */
  at(inFlight: number): ServicePoint
  /** End to end in a closed loop. */
  closedMs(inFlight: number): number
  /** End to end where requests come by themselves, without the queue for prompts. */
  openMs(inFlight: number): number
  /** Requests in flight at which as many finish as arrive by themselves (Little's law), at most `most`. */
  inFlightAt(requestsPerMs: number, most: number): number
}

export interface ServiceMeasures {
  measure(inFlight: number): ServicePoint
  /** Beyond, the replica takes no more at once: the curve ends. At least 1. */
  most: number
  outputTokens: number
  /** Prompts one replica computes per millisecond when it does nothing else. */
  promptsPerMs: number
}

/** Measures as far as it is asked, each load once. */
export function createServiceCurve({ measure, most, outputTokens, promptsPerMs }: ServiceMeasures): ServiceCurve {
  const loads: number[] = []
  const points: ServicePoint[] = []
  const open: number[] = []
  const closed: number[] = []
  const decodeTokens = outputTokens - 1

  function extend(): boolean {
    const last = loads.length - 1
    const before = loads[last]
    if (before !== undefined && before >= most) return false
    const load = before === undefined ? 1 : Math.min(before * 2, most)
    const point = measure(load)
    const previous = points[last]
    if (previous && before !== undefined) keepInOrder(point, previous, load / before)
    const alone = point.ttftMs + decodeTokens * point.tpotMs
    // A replica cannot finish requests faster than it computes their prompts.
    point.contentionMs = Math.max(point.contentionMs, load / promptsPerMs - alone)
    loads.push(load)
    points.push(point)
    open.push(alone)
    closed.push(alone + point.contentionMs)
    return true
  }

  /** Index of the measured load below, after measuring as far as needed. */
  function segmentOf(inFlight: number): number {
    while ((loads.at(-1) ?? 0) < inFlight && extend()) {}
    return Math.min(Math.max(31 - Math.clz32(inFlight), 0), Math.max(loads.length - 2, 0))
  }

  function shareOf(segment: number, inFlight: number): number {
    const low = loads[segment] ?? 1
    const high = loads[segment + 1] ?? low
    return high > low ? clamp((inFlight - low) / (high - low), 0, 1) : 0
  }

  function on(times: readonly number[], inFlight: number): number {
    const segment = segmentOf(inFlight)
    const low = times[segment] ?? 0
    return low + shareOf(segment, inFlight) * ((times[segment + 1] ?? low) - low)
  }

  return {
    closedMs: (inFlight) => on(closed, inFlight),
    openMs: (inFlight) => on(open, inFlight),
    at(inFlight) {
      const segment = segmentOf(inFlight)
      const low = points[segment] as ServicePoint
      return between(low, points[segment + 1] ?? low, shareOf(segment, inFlight))
    },
    inFlightAt(requestsPerMs, limit) {
      const alone = requestsPerMs * on(open, 1)
      if (alone <= 1) return alone
      for (let i = 1; ; i++) {
        const lowLoad = loads[i - 1] as number
        const low = open[i - 1] as number
        if (lowLoad >= limit || (loads[i] === undefined && !extend())) return limit
        const slope = ((open[i] as number) - low) / ((loads[i] as number) - lowLoad)
        // Service is straight here, so rate × service meets the load in one point.
        const meets = (requestsPerMs * (low - slope * lowLoad)) / (1 - requestsPerMs * slope)
        if (requestsPerMs * slope < 1 && meets <= (loads[i] as number)) return Math.min(meets, limit)
      }
    },
  }
}

function keepInOrder(point: ServicePoint, before: ServicePoint, growth: number): void {
  point.ttftMs = clamp(point.ttftMs, before.ttftMs, before.ttftMs * growth)
  // Neither the prompt's part nor the rest of it shrinks.
  point.promptMs = clamp(point.promptMs, before.promptMs, before.promptMs + point.ttftMs - before.ttftMs)
  point.contentionMs = clamp(point.contentionMs, before.contentionMs, before.contentionMs * growth)
  point.tpotMs = clamp(point.tpotMs, before.tpotMs, before.tpotMs * growth)
}

function between(low: ServicePoint, high: ServicePoint, share: number): ServicePoint {
  return {
    ttftMs: low.ttftMs + share * (high.ttftMs - low.ttftMs),
    promptMs: low.promptMs + share * (high.promptMs - low.promptMs),
    contentionMs: low.contentionMs + share * (high.contentionMs - low.contentionMs),
    tpotMs: low.tpotMs + share * (high.tpotMs - low.tpotMs),
  }
}
