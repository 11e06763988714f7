/**
 * Waiting by queueing theory, with times in milliseconds. `variability` is (ca² + cs²) / 2: half the squared
 * coefficients of variation of the times between arrivals and of service (Kingman; Allen and Cunneen).
 */

/** The wait of those who must wait at all is exponential with mean `delayedMs`; in overload it also grows by the second. */
export interface Wait {
  probability: number
  delayedMs: number
  /** What the queue has grown by at the horizon's end; 0 below capacity. */
  driftMs: number
}

export const NO_WAIT: Wait = { probability: 0, delayedMs: 0, driftMs: 0 }

/** Queues are looked at for a minute: one at or above its capacity never settles. */
const HORIZON_MS = 60_000

export interface Queue {
  requestsPerMs: number
  /** Requests per millisecond that all servers together finish at most. */
  capacityPerMs: number
  servers: number
  /** Servers busy on average. */
  busy: number
  variability: number
}

/**
 * G/G/c: those who find all servers busy by Sakasegawa's approximation of M/M/c, times the variability. A queue near its
 * capacity has not reached its mean within the horizon: its wait is at most that of a reflected Brownian motion that
 * began empty, which is also where overload starts from.
 */
export function waitOf({ requestsPerMs, capacityPerMs, servers, busy, variability }: Queue): Wait {
  const utilisation = requestsPerMs / capacityPerMs
  const settling = (2 / 3) * Math.sqrt((4 * HORIZON_MS * variability) / (Math.PI * capacityPerMs))
  if (utilisation >= 1) {
    return { probability: 1, delayedMs: settling, driftMs: HORIZON_MS * (1 - 1 / utilisation) }
  }
  return {
    probability: Math.min(busy / servers, 1) ** (Math.sqrt(2 * (servers + 1)) - 1),
    delayedMs: Math.min(variability / (capacityPerMs * (1 - utilisation)), settling),
    driftMs: 0,
  }
}

/** One server that computes prompts one after another: Pollaczek and Khinchine's M/G/1, also for other arrivals. */
export function promptWaitMs(requestsPerMs: number, promptMs: number, variability: number): number {
  const wait = waitOf({
    requestsPerMs,
    capacityPerMs: 1 / promptMs,
    servers: 1,
    busy: requestsPerMs * promptMs,
    variability,
  })
  return meanWaitMs(wait)
}

export const meanWaitMs = ({ probability, delayedMs, driftMs }: Wait): number => probability * delayedMs + driftMs / 2

/** The wait that a share `p` of requests stays under. */
export function waitQuantileMs({ probability, delayedMs, driftMs }: Wait, p: number): number {
  const delayed = probability > 1 - p ? delayedMs * Math.log(probability / (1 - p)) : 0
  return delayed + driftMs * p
}
