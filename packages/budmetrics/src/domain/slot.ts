/** One scrape of one endpoint, all its replicas together: the piece that windows and minutes are made of. */
import { type Increase, increaseBetween, sumIncreases } from './increase.ts'
import type { ReplicaReading } from './replica-reading.ts'

/** How long a replica's gauges stand for it after its last answer: three scrapes. */
const STALE_MS = 15_000

/** Readings further apart are not compared: what lies between belongs to no window, and a gap stays a gap. */
const LONGEST_GAP_MS = 60_000

export interface Slot {
  at_ms: number
  /** Seconds that `increase` covers; 0 when no replica could be compared with an earlier reading. */
  covered_s: number
  increase: Increase
  /** Sums over the replicas that answered in the last 15 s; null: none did, or the engine does not say. */
  running: number | null
  waiting: number | null
  /** Of the fullest replica. */
  kv_usage: number | null
  /** Mean percent over the endpoint's GPUs. */
  gpu_utilization: number | null
  /** Every replica has answered in the last 15 s. */
  complete: boolean
}

/** A replica's last reading. */
export interface ReplicaState {
  reading: ReplicaReading
  read_at_ms: number
}

/** One replica as this scrape found it: `previous` from the scrape before, null for a new one. */
export interface ScrapedReplica {
  previous: ReplicaState | null
  current: ReplicaState | null
}

/** `coveredUntilMs`: where the endpoint's last slot with coverage ended. */
export function makeSlot(
  atMs: number,
  replicas: readonly ScrapedReplica[],
  gpuUtilization: number | null,
  coveredUntilMs: number | null,
): Slot {
  const compared = replicas.flatMap(({ previous, current }) =>
    previous && current && isComparable(previous, current) ? [{ previous, current }] : [],
  )
  const fresh = replicas.flatMap(({ current }) =>
    current && atMs - current.read_at_ms < STALE_MS ? [current.reading] : [],
  )
  const coveredFromMs = Math.max(coveredUntilMs ?? 0, Math.min(...compared.map(({ previous }) => previous.read_at_ms)))
  return {
    at_ms: atMs,
    covered_s: compared.length === 0 ? 0 : Math.max(0, atMs - coveredFromMs) / 1000,
    increase: sumIncreases(compared.map(({ previous, current }) => increaseBetween(previous.reading, current.reading))),
    running: total(fresh.map((reading) => reading.running)),
    waiting: total(fresh.map((reading) => reading.waiting)),
    kv_usage: largest(fresh.map((reading) => reading.kv_usage)),
    gpu_utilization: gpuUtilization,
    complete: replicas.length > 0 && fresh.length === replicas.length,
  }
}

function isComparable(previous: ReplicaState, current: ReplicaState): boolean {
  const elapsedMs = current.read_at_ms - previous.read_at_ms
  return elapsedMs > 0 && elapsedMs <= LONGEST_GAP_MS
}

const known = (values: readonly (number | null)[]): number[] => values.flatMap((value) => value ?? [])

function total(values: readonly (number | null)[]): number | null {
  const numbers = known(values)
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0)
}

export function largest(values: readonly (number | null)[]): number | null {
  const numbers = known(values)
  return numbers.length === 0 ? null : Math.max(...numbers)
}
