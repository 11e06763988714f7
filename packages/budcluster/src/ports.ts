/** What deployment needs from the outside: clusters of any kind, models, traffic. One contract suite each (testing/). */
import type { Readable } from 'node:stream'
import type { EngineName, Upstream } from '@bud/kernel'
import type { InventoryNode } from './domain/capacity.ts'
import type { ClusterKind, ClusterRecord, DeployableModel, ModelManifest } from './domain/records.ts'
import type { Release, ReleaseStatus } from './domain/release.ts'

/** All methods of a driver throw `unavailable` (retryable) while the cluster does not answer. */
export interface Inventory {
  nodes(): Promise<InventoryNode[]>
}

export interface ReleaseDriver {
  /** Makes the cluster want exactly this under the release's name. Idempotent; returns before replicas are ready. */
  apply(release: Release): Promise<void>
  status(name: string): Promise<ReleaseStatus | undefined>
  list(): Promise<ReleaseStatus[]>
  /** Also when there is none. */
  remove(name: string): Promise<void>
}

export interface StagingRequest {
  manifest: ModelManifest
  open(path: string): Promise<Readable>
  onProgress(bytesDone: number): void
}

export interface ModelStaging {
  /**
   * Brings every file of the manifest into the cluster, once per content. Files that are there already are not sent
   * again, so a broken transfer goes on. Each file's sha256 is compared with the manifest as it passes: a changed one
   * is refused (`failed`, reason "model-object-changed") and nothing of it is kept.
   */
  stage(request: StagingRequest): Promise<{ copied_bytes: number; total_bytes: number }>
  /** Removes contents that are not in `keep` and have not been asked for in the last `unused_for_ms`. */
  collect(request: { keep: readonly string[]; unused_for_ms: number }): Promise<{ removed: string[] }>
}

export interface EngineLogs {
  /** The last lines of every replica, oldest first; empty when there is no such release. */
  tail(release: string, lines: number): Promise<{ replica_id: string; line: string }[]>
}

export interface ClusterDriver {
  readonly kind: ClusterKind
  /** True: engines load real weights, so a model without files cannot run here. */
  readonly needs_artifacts: boolean
  readonly inventory: Inventory
  readonly releases: ReleaseDriver
  readonly staging: ModelStaging
  readonly logs: EngineLogs
}

export interface ClusterDrivers {
  driverFor(cluster: Pick<ClusterRecord, 'id' | 'spec'>): ClusterDriver
  /** The cluster is deleted: lets go of what was kept for it. Idempotent. */
  forget(cluster: Pick<ClusterRecord, 'id' | 'spec'>): Promise<void>
}

/** Runs the process behind a simulated cluster. */
export interface SimulatorHost {
  /** Starts it, or finds it running; after a restart the address may be another. */
  connect(cluster: {
    id: string
    nodes: { name: string; gpu_type: string; gpu_count: number }[]
    startup_time_factor: number
  }): Promise<{ url: string; token: string }>
  /** Ends it for good and drops its state. Idempotent. */
  disconnect(clusterId: string): Promise<void>
}

/** The registry, as deployment sees it. */
export interface DeployableModels {
  /** Throws not-found. */
  resolveForDeployment(projectId: string, idOrName: string): Promise<DeployableModel>
  openFile(versionId: string, path: string): Promise<Readable> | Readable
}

/** Sends traffic to replicas. `upstreams` are those of this endpoint; other endpoints of the route stay. */
export interface RoutePublisher {
  /** Idempotent; replaces the endpoint's upstreams in one step. */
  publish(request: {
    project_id: string
    route_name: string
    endpoint_id: string
    upstreams: Upstream[]
  }): Promise<{ version: number }>
  /** Idempotent, also when the endpoint was never published. */
  withdraw(request: { project_id: string; endpoint_id: string }): Promise<{ version: number }>
  /** True once every live gateway has applied `version` and has no request under way to these upstreams. */
  waitDrained(request: { upstream_ids: string[]; version: number; timeout_ms: number }): Promise<{ drained: boolean }>
}

export interface ProbeTarget {
  base_url: string
  engine: EngineName
  engine_version: string | undefined
  served_model_name: string
}

/** Asks a replica what a user would ask it. */
export interface EngineProbe {
  /** Health, the model's name, one real answer. Throws `failed` with the reason when any of them is wrong. */
  check(target: ProbeTarget): Promise<{ text_length: number; latency_ms: number }>
}
