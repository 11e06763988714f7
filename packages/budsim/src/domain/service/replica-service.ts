/**
 * What one load makes of a replica: its batch, waiting, latencies and throughput. Closed loop (so many requests in
 * flight): as measured, and beyond the places by Little's law. Open loop (so many per second): the batch at which as many
 * finish as arrive, then the queues for prompts and for a place. The prompts that clients of a closed loop send together
 * are left out there: measured sweeps of Poisson arrivals do not show them (README).
 */
import type { Workload } from '@bud/kernel'
import type { ServiceCurve, ServicePoint } from './service-curve.ts'
import { meanWaitMs, NO_WAIT, promptWaitMs, type Wait, waitOf } from './waiting.ts'

/** Assumed when a workload states neither concurrency nor a rate. */
export const DEFAULT_CONCURRENCY = 16

/** Of one replica. */
export type Load =
  | { kind: 'closed'; inFlight: number }
  /** `arrivalVariance`: squared coefficient of variation of the times between arrivals. */
  | { kind: 'open'; requestsPerMs: number; arrivalVariance: number }

/**
 * Bursts split over replicas are smaller in each of them: the variance of a stream shrinks towards the 1 of Poisson
 * arrivals. A regular stream stays as regular. Requests in flight split evenly.
 */
export function loadOf(workload: Workload, replicas: number): Load {
  const rate = workload.request_rate_per_s
  if (rate === undefined) return { kind: 'closed', inFlight: (workload.concurrency ?? DEFAULT_CONCURRENCY) / replicas }
  const variance = (workload.arrival_cv ?? 1) ** 2
  return {
    kind: 'open',
    requestsPerMs: rate / replicas / 1e3,
    arrivalVariance: variance > 1 ? 1 + (variance - 1) / replicas : variance,
  }
}

/** A replica by what a load can ask of it. */
export interface Replica {
  curve: ServiceCurve
  /** Requests it works on at once, at most. */
  slots: number
  outputTokens: number
  /** Attention ranks, which compute prompts side by side. */
  ranks: number
  /** GPU time of one prompt on one rank, where others fill the step with it. */
  promptMs: number
  /** Squared coefficients of variation of prompt and answer lengths. */
  inputVariance: number
  outputVariance: number
}

/** Means of one request, rates of one replica. */
export interface ReplicaService {
  /** What all service times were stretched by. */
  slowness: number
  /** Without waiting. */
  point: Omit<ServicePoint, 'contentionMs'>
  /** For prompts of others. */
  promptWaitMs: number
  /** For a place, under a rate. */
  slotWait: Wait
  /** For a place in a closed loop, where everyone waits about as long. */
  evenWaitMs: number
  ttftMs: number
  e2eMs: number
  requestsPerMs: number
  maxRequestsPerMs: number
  batch: number
  saturated: boolean
}

/** `slowness` stretches all service times: what a prediction at the end of its interval would have said. */
export function planService(replica: Replica, load: Load, slowness = 1): ReplicaService {
  return load.kind === 'closed' ? serveClosed(replica, load.inFlight, slowness) : serveOpen(replica, load, slowness)
}

function serveClosed(replica: Replica, inFlight: number, slowness: number): ReplicaService {
  const { curve, slots } = replica
  const batch = Math.min(inFlight, slots)
  const serviceMs = curve.closedMs(batch) * slowness
  const capacityPerMs = slots / (curve.closedMs(slots) * slowness)
  // All that exceeds the places waits: in flight = rate × time from end to end.
  const evenWaitMs = inFlight > slots ? inFlight / capacityPerMs - serviceMs : 0
  const promptWaitMs = curve.at(batch).contentionMs * slowness
  const waits = { promptWaitMs, slotWait: NO_WAIT, evenWaitMs }
  const requestsPerMs = inFlight / (serviceMs + evenWaitMs)
  return finish(replica, slowness, batch, waits, { requestsPerMs, capacityPerMs, saturated: inFlight > slots })
}

function serveOpen(replica: Replica, load: Extract<Load, { kind: 'open' }>, slowness: number): ReplicaService {
  const { curve, slots, ranks, promptMs, inputVariance } = replica
  const { requestsPerMs: offered, arrivalVariance } = load
  const capacityPerMs = Math.min(slots / curve.openMs(slots), ranks / promptMs) / slowness
  const saturated = offered >= capacityPerMs
  const served = Math.min(offered, capacityPerMs)
  const batch = saturated ? slots : curve.inFlightAt(served * slowness, slots)
  const slotWait = waitOf({
    requestsPerMs: offered,
    capacityPerMs,
    servers: slots,
    busy: batch,
    variability: (arrivalVariance + serviceVariance(replica)) / 2,
  })
  const prompts = promptWaitMs(served / ranks, promptMs * slowness, (arrivalVariance + inputVariance) / 2)
  return finish(
    replica,
    slowness,
    batch,
    { promptWaitMs: prompts, slotWait, evenWaitMs: 0 },
    { requestsPerMs: served, capacityPerMs, saturated },
  )
}

/** Squared coefficient of variation of the time a request holds its place, where all are taken: others wait then. */
function serviceVariance({ curve, slots, outputTokens, inputVariance, outputVariance }: Replica): number {
  const { promptMs, tpotMs } = curve.at(slots)
  const serviceMs = curve.openMs(slots)
  return (inputVariance * promptMs ** 2 + outputVariance * (outputTokens * tpotMs) ** 2) / serviceMs ** 2
}

function finish(
  { curve, outputTokens }: Replica,
  slowness: number,
  batch: number,
  waits: Pick<ReplicaService, 'promptWaitMs' | 'slotWait' | 'evenWaitMs'>,
  rates: { requestsPerMs: number; capacityPerMs: number; saturated: boolean },
): ReplicaService {
  const { ttftMs, promptMs, tpotMs } = curve.at(batch)
  const point = { ttftMs: ttftMs * slowness, promptMs: promptMs * slowness, tpotMs: tpotMs * slowness }
  const firstMs = point.ttftMs + waits.promptWaitMs + waits.evenWaitMs + meanWaitMs(waits.slotWait)
  return {
    slowness,
    point,
    ...waits,
    ttftMs: firstMs,
    e2eMs: firstMs + (outputTokens - 1) * point.tpotMs,
    requestsPerMs: rates.requestsPerMs,
    maxRequestsPerMs: rates.capacityPerMs,
    batch,
    saturated: rates.saturated,
  }
}
