/** Clusters and models as decisions see them, for decision tables. */
import type { NodeView } from '../domain/capacity.ts'
import type { DeployableModel } from '../domain/records.ts'
import type { ClusterView } from '../domain/validate-deployment.ts'
import { LLAMA_8B } from './llama-facts.ts'

/** "a100-1": 4 of 4 GPUs free, say; the rest is held by "other". */
export const node = (name: string, gpu_type: string, gpu_count: number, gpus_free = gpu_count): NodeView => ({
  name,
  gpu_type,
  gpu_count,
  gpus_free,
  used_by:
    gpus_free < gpu_count ? [{ endpoint_id: 'ep-other', endpoint_name: 'other', gpus: gpu_count - gpus_free }] : [],
  ready: true,
})

export const clusterOf = (...nodes: NodeView[]): ClusterView => ({
  id: 'cluster-1',
  name: 'demo',
  stage: 'staging',
  unreachable_reason: null,
  needs_artifacts: false,
  nodes,
})

/** A policy that lets every licence through. */
export const NO_OBJECTION: DeployableModel['licence'] = {
  staging: { action: 'allow', reasons: [] },
  production: { action: 'allow', reasons: [] },
}

export const availableModel: DeployableModel = {
  model_id: 'model-1',
  name: 'llama',
  version_id: 'mver-1',
  facts: LLAMA_8B,
  manifest: null,
  state: { name: 'available', since: '2026-01-01T00:00:00.000Z', reasons: [] },
  has_files: false,
  licence: NO_OBJECTION,
}
