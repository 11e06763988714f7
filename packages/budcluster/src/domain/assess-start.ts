/** Are the replicas that were asked for ready, on their way, or lost? Decided from their phases alone. */

import { engineFacts } from '@bud/engines'
import type { EngineName, ModelFacts, Reason, ReplicaPhase, WeightPrecision } from '@bud/kernel'
import { readFailure } from './read-failure.ts'

export interface StartingReplica {
  id: string
  phase: ReplicaPhase
  restarts: number
  /** How many of them lie before this start and say nothing about it. */
  restarts_before: number
  message: string | null
}

export interface StartQuestion {
  /** Those that are being started; others are none of its business. */
  replicas: readonly StartingReplica[]
  wanted: number
  elapsed_ms: number
  limit_ms: number
}

export type StartVerdict =
  | { state: 'ready' | 'waiting'; ready: number; message: string }
  | { state: 'failed'; reasons: Reason[] }

/** A crash may be bad luck; this many in one start are a pattern. */
const CRASH_LOOP_RESTARTS = 3
/** Running out of memory while loading repeats itself: one more try is enough to be sure. */
const OUT_OF_MEMORY_RESTARTS = 1
/** GPUs of replicas that have just gone may take this long to be free. */
const UNSCHEDULABLE_PATIENCE_MS = 15_000

export function assessStart({ replicas, wanted, elapsed_ms, limit_ms }: StartQuestion): StartVerdict {
  const lost = replicas.flatMap((replica) => lostReason(replica, elapsed_ms) ?? [])
  if (lost.length > 0) return { state: 'failed', reasons: lost }
  const ready = replicas.filter((replica) => replica.phase === 'ready').length
  const message = `${ready} of ${wanted} replicas ready${phaseSummary(replicas)}.`
  if (ready >= wanted) return { state: 'ready', ready, message: `${ready} of ${wanted} replicas ready.` }
  if (elapsed_ms > limit_ms) return { state: 'failed', reasons: [tooSlow(message, replicas, limit_ms)] }
  return { state: 'waiting', ready, message }
}

function lostReason(replica: StartingReplica, elapsedMs: number): Reason | undefined {
  if (replica.phase === 'ready') return undefined
  if (replica.phase === 'unschedulable')
    return elapsedMs > UNSCHEDULABLE_PATIENCE_MS
      ? readFailure(replica.id, replica.message ?? 'Unschedulable')
      : undefined
  const restarts = replica.restarts - replica.restarts_before
  if (restarts <= 0) return undefined
  const reading = readFailure(replica.id, replica.message)
  const tolerated = reading.code === 'gpu-out-of-memory' ? OUT_OF_MEMORY_RESTARTS : CRASH_LOOP_RESTARTS
  if (restarts < tolerated) return undefined
  return { ...reading, message: `${reading.message.slice(0, -1)} (${restarts} restarts).` }
}

function phaseSummary(replicas: readonly StartingReplica[]): string {
  const counts = new Map<ReplicaPhase, number>()
  for (const { phase } of replicas) if (phase !== 'ready') counts.set(phase, (counts.get(phase) ?? 0) + 1)
  const parts = [...counts].map(([phase, count]) => `${count} ${phase}`)
  const said = replicas.find((replica) => replica.phase !== 'ready' && replica.message)?.message
  return (parts.length > 0 ? `; ${parts.join(', ')}` : '') + (said ? `: ${said}` : '')
}

const tooSlow = (message: string, replicas: readonly StartingReplica[], limitMs: number): Reason => ({
  code: 'start-timed-out',
  message: `Not ready after ${Math.round(limitMs / 1000)} s, twice the time its weights and this engine should need. ${message}`,
  evidence: replicas.find((replica) => replica.message)?.message ?? undefined,
  next_step: 'Read the engine’s log: GET /endpoints/{id}/logs.',
})

const BYTES_PER_PARAMETER: Record<WeightPrecision, number> = {
  fp32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  int8: 1,
  fp4: 0.5,
  int4: 0.5,
  mxfp4: 0.5,
}
const SAFETY_FACTOR = 2
const SHORTEST_LIMIT_MS = 120_000

/** Twice what the phases of this engine take with these weights (a start is a full load: bias to patience). */
export function startLimitMs(facts: ModelFacts, engine: EngineName, version: string | undefined): number {
  const weightBytes = facts.weight_bytes ?? facts.parameter_count * BYTES_PER_PARAMETER[facts.weight_precision]
  const { startup, image_bytes } = engineFacts(engine, version)
  const expectedS = startup.reduce((total, { fixed_s, bytes_per_s, moves }) => {
    const bytes = moves === 'weights' ? weightBytes : moves === 'image' ? image_bytes : 0
    return total + fixed_s + (bytes_per_s ? bytes / bytes_per_s : 0)
  }, 0)
  return Math.max(SHORTEST_LIMIT_MS, Math.ceil(expectedS * SAFETY_FACTOR * 1000))
}
