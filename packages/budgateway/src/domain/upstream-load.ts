/** What a gateway knows of one replica from its own traffic: requests in flight, and whether it answers. */

export interface UpstreamLoad {
  inFlight: number
  /** Failed attempts in a row. */
  failures: number
  ejectedAtMs: number
  /** Until then it gets traffic only when no other replica is left. */
  ejectedUntilMs: number
}

const EJECTION_MS = { first: 500, longest: 10_000 }

export const createLoad = (): UpstreamLoad => ({ inFlight: 0, failures: 0, ejectedAtMs: 0, ejectedUntilMs: 0 })

export const isEjected = (load: UpstreamLoad, nowMs: number): boolean => nowMs < load.ejectedUntilMs

/** Call when an attempt starts. After an ejection one attempt at a time probes the replica. */
export function noteAttempt(load: UpstreamLoad, nowMs: number): void {
  load.inFlight++
  if (load.failures > 0 && !isEjected(load, nowMs)) load.ejectedUntilMs = nowMs + EJECTION_MS.first
}

export function noteSuccess(load: UpstreamLoad): void {
  load.failures = 0
  load.ejectedUntilMs = 0
}

/** The time out doubles with each failure in a row; attempts that began before the last ejection are the same incident. */
export function noteFailure(load: UpstreamLoad, startedMs: number, nowMs: number): void {
  if (load.failures > 0 && startedMs < load.ejectedAtMs) return
  load.failures++
  load.ejectedAtMs = nowMs
  load.ejectedUntilMs = nowMs + Math.min(EJECTION_MS.longest, EJECTION_MS.first * 2 ** (load.failures - 1))
}
