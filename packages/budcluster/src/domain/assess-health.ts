/** A serving endpoint against what its cluster reports: ready or degraded, and which replicas may get traffic. */
import type { Reason } from '@bud/kernel'
import type { ReplicaStatus } from './release.ts'

export interface HealthQuestion {
  revision: number
  wanted: number
  /** Undefined: the cluster does not know the release. */
  replicas: readonly ReplicaStatus[] | undefined
}

export interface HealthVerdict {
  state: 'ready' | 'degraded'
  reasons: Reason[]
  /** Of the revision in force. */
  ready: ReplicaStatus[]
  /** The cluster runs something else than it was asked for: ask again. */
  drifted: boolean
}

export function assessHealth({ revision, wanted, replicas }: HealthQuestion): HealthVerdict {
  const own = replicas?.filter((replica) => replica.revision === revision) ?? []
  const ready = own.filter((replica) => replica.phase === 'ready')
  const drifted = replicas === undefined || own.length !== wanted || own.length !== replicas.length
  if (ready.length >= wanted) return { state: 'ready', reasons: [], ready, drifted }
  const missing = own.filter((replica) => replica.phase !== 'ready')
  const reason: Reason = {
    code: ready.length === 0 ? 'no-ready-replica' : 'replicas-missing',
    message: `${ready.length} of ${wanted} replicas are ready${missing.length > 0 ? `; ${missing.map(described).join(', ')}` : ''}.`,
    evidence: missing.find((replica) => replica.message)?.message ?? undefined,
    next_step: 'They restart by themselves; GET /endpoints/{id}/logs shows what the engines say.',
  }
  return { state: 'degraded', reasons: [reason], ready, drifted }
}

const described = ({ id, phase, restarts }: ReplicaStatus): string =>
  `${id} is ${phase}${restarts > 0 ? ` (${restarts} restarts)` : ''}`
