/** What a cluster is asked to run for an endpoint, and what it says it runs. */
import type { Deployment, ModelFacts, ReplicaPhase } from '@bud/kernel'

export interface ReleaseGroup {
  revision: number
  replicas: number
  deployment: Deployment
}

/** One endpoint in one cluster. Replicas of a group have ordinals from 0; fewer of them means the highest go. */
export interface Release {
  name: string
  endpoint_id: string
  served_model_name: string
  facts: ModelFacts
  groups: ReleaseGroup[]
}

export interface ReplicaStatus {
  id: string
  revision: number
  ordinal: number
  node: string | null
  /** Indices on the node. */
  gpus: number[]
  phase: ReplicaPhase
  since: string
  restarts: number
  /** Why it is not ready, in the words of the scheduler or the engine. */
  message: string | null
  base_url: string
  metrics_url: string
}

export interface ReleaseStatus {
  name: string
  endpoint_id: string
  replicas: ReplicaStatus[]
}

/** Of one revision, the replicas that can serve. */
export const readyOrdinals = (replicas: readonly ReplicaStatus[], revision: number): number[] =>
  replicas.filter((replica) => replica.revision === revision && replica.phase === 'ready').map(({ ordinal }) => ordinal)

/** Where the replicas of one revision are, by ordinal; those without a node yet are left out. */
export const occupiedNodes = (replicas: readonly ReplicaStatus[], revision: number) =>
  replicas
    .filter((replica) => replica.revision === revision)
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ node, gpus }) => (node === null ? [] : [{ node, gpus: gpus.length }]))
