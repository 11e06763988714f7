/** The nouns of this package as its layers pass them on: what the tables keep and what ports are asked about. */
import type {
  Deployment,
  EndpointState,
  ModelFacts,
  ModelVersionState,
  Prediction,
  Reason,
  SimulatedNode,
  Stage,
  Targets,
  Workload,
} from '@bud/kernel'

export type ClusterKind = 'simulated' | 'local' | 'kubernetes'

/** What a driver needs to know to reach or make the cluster, one member per kind. */
export type ClusterSpec = { kind: 'simulated'; nodes: SimulatedNode[]; startup_time_factor: number }

export interface ClusterRecord {
  id: string
  project_id: string
  name: string
  stage: Stage
  spec: ClusterSpec
  created_by: string
  created_at: string
}

/** Every file of a model version; `digest` names the content as a whole. */
export interface ModelManifest {
  digest: string
  files: { path: string; bytes: number; sha256: string }[]
}

/** A model version as the registry hands it out for deployment; `manifest` null: it has no files. */
export interface DeployableModel {
  model_id: string
  name: string
  version_id: string
  facts: ModelFacts | null
  manifest: ModelManifest | null
  state: ModelVersionState
  has_files: boolean
  /** What the owner's policy says of the licence, by the stage of the cluster. */
  licence: Record<Stage, { action: 'allow' | 'warn' | 'block'; reasons: Reason[] }>
}

export type OperationKind = 'deploy' | 'scale' | 'update' | 'delete'

/** GPUs that an endpoint holds on one node. */
export interface NodeGpus {
  node: string
  gpus: number
}

/** What a flow runs on: kept with the endpoint, so that a flow whose start was lost is started again. */
export interface OperationInput {
  operation_id: string
  endpoint_id: string
  project_id: string
  kind: OperationKind
  /** scale: before and after. update: of the revision left and the revision wanted. */
  from_replicas?: number
  to_replicas?: number
  from_revision?: number
  to_revision?: number
  /** What the endpoint held before, to go back to. */
  from_holdings?: NodeGpus[]
  /** update: the order of starts and stops, settled when it was accepted. */
  steps?: UpdateStep[]
  /** update: what its approval was searched for; left out: the endpoint keeps its own. */
  targets?: Targets
  workload?: Workload | null
}

/** `start`: the new revision has so many replicas afterwards. `stop`: the old one has so many left afterwards. */
export type UpdateStep = { kind: 'start'; new_replicas: number } | { kind: 'stop'; old_replicas: number }

export interface EndpointRecord {
  id: string
  project_id: string
  name: string
  cluster_id: string
  model_id: string
  model_name: string
  version_id: string
  facts: ModelFacts
  manifest: ModelManifest | null
  state: EndpointState
  /** The revision in force. */
  revision: number
  targets: Targets
  workload: Workload | null
  operation_id: string
  /** Set while an operation runs: the lock of the endpoint. */
  active_operation: OperationInput | null
  /** Upstreams of the route as last published. */
  published: { id: string; base_url: string }[]
  created_by: string
  created_at: string
}

export interface RevisionRecord {
  endpoint_id: string
  number: number
  /** As it was submitted, `replicas` kept up to date. */
  deployment: Deployment
  /** The catalogue id that the deployment's `gpu_type` came down to. */
  gpu_type: string
  created_by: string
  created_at: string
  approval_id: string | null
  predicted: Prediction | null
}
